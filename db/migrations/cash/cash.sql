-- Only adds.
BEGIN;

CREATE TABLE pms.cash_entries (
    account text NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    identity text NOT NULL,
    kind text NOT NULL,
    currency text NOT NULL,
    amount numeric NOT NULL,
    counter_account text,
    effective_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    busts bigint,
    trace_id text,

    CONSTRAINT cash_entries_pkey PRIMARY KEY (account, id),
    CONSTRAINT cash_entries_identity_key UNIQUE (account, identity),
    CONSTRAINT cash_entries_busts_fkey FOREIGN KEY (account, busts)
    REFERENCES pms.cash_entries (account, id),
    CONSTRAINT cash_entries_kind_is_known
    CHECK (kind IN ('deposit', 'withdrawal', 'interest', 'transfer')),
    CONSTRAINT cash_entries_amount_in_range CHECK (amount <> 0 AND abs(amount) < 1e20),
    CONSTRAINT cash_entries_sign_is_of_kind CHECK (
        CASE kind
            WHEN 'deposit' THEN (amount > 0) = (busts IS NULL)
            WHEN 'withdrawal' THEN (amount < 0) = (busts IS NULL)
            ELSE TRUE
        END
    ),
    CONSTRAINT cash_entries_transfer_has_two_accounts
    CHECK ((kind = 'transfer') = (counter_account IS NOT NULL)),
    CONSTRAINT cash_entries_effective_at_is_finite CHECK (isfinite(effective_at))
);

CREATE INDEX cash_entries_effective_idx ON pms.cash_entries (account, effective_at);

-- An entry is busted once.
CREATE UNIQUE INDEX cash_entries_busts_idx ON pms.cash_entries (account, busts)
WHERE busts IS NOT NULL;

CREATE TABLE pms.cash_balances (
    account text NOT NULL,
    currency text NOT NULL,
    amount numeric NOT NULL,
    entries bigint NOT NULL,
    recorded_at timestamptz NOT NULL,

    CONSTRAINT cash_balances_pkey PRIMARY KEY (account, currency)
);

-- Restrictive: a bound role is a member of the role it restricts, too, which may read all rows.
CREATE POLICY in_scope ON pms.cash_entries AS RESTRICTIVE FOR SELECT TO pms_bound USING (
    account = any(string_to_array(current_setting('pms.account_scope', TRUE), ','))
);

CREATE POLICY readable ON pms.cash_entries FOR SELECT USING (TRUE);

ALTER TABLE pms.cash_entries ENABLE ROW LEVEL SECURITY;

COMMIT;
