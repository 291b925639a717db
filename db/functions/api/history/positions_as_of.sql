CREATE OR REPLACE FUNCTION api.positions_as_of(
    at timestamptz DEFAULT clock_timestamp(),
    known_at timestamptz DEFAULT 'infinity',
    account text DEFAULT NULL,
    asset text DEFAULT NULL
)
RETURNS SETOF api.positions
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_asset CONSTANT text := (SELECT n.asset FROM pms.asset_of(positions_as_of.asset) n);
BEGIN
    RETURN QUERY
    SELECT
        p.*,
        pms.rate_status(
            p.settlement_currency,
            coalesce(positions_as_of.at, 'infinity'),
            coalesce(positions_as_of.known_at, 'infinity')
        )
    FROM pms.positions_from_legs(
        -- From the ledger, also for the present.
        pms.select_legs(
            coalesce(positions_as_of.at, 'infinity'),
            coalesce(positions_as_of.known_at, 'infinity'),
            pms.require_account(positions_as_of.account)
        ),
        least(positions_as_of.at, now())
    ) p
    WHERE v_asset IS NULL
        OR p.asset = v_asset;
END
$$;

COMMENT ON FUNCTION api.positions_as_of IS $$What each account held at a moment, as known at another

The rows of api.positions, from the ledger: at is the moment of the events, known_at that of our
knowledge, both now unless said. Late, busted and corrected entries count as known at known_at;
prices and rates are those of the moment. A moment to come is now. Without account: of all.
version and last_updated are those of the newest entry; needs_review and review_reasons
cover crossed legs only.

Refuses with:
- 403 FORBIDDEN when the key is bound to other accounts$$;

GRANT EXECUTE ON FUNCTION api.positions_as_of
TO pms_reader, pms_trader, pms_operator, pms_analyst;
