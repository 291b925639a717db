CREATE OR REPLACE FUNCTION api.correct_fill(
    correction_id text DEFAULT NULL,
    execution_id text DEFAULT NULL,
    identity text DEFAULT NULL,
    side text DEFAULT NULL,
    execution_quantity text DEFAULT NULL,
    execution_price text DEFAULT NULL,
    execution_fees text DEFAULT NULL,
    fee_currency text DEFAULT NULL,
    executed_at text DEFAULT NULL,
    corrected_at text DEFAULT NULL,
    account text DEFAULT NULL,
    asset text DEFAULT NULL,
    position_side text DEFAULT NULL,
    order_id text DEFAULT NULL
)
RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
BEGIN
    RETURN pms.record_events(
        'correct_fill',
        'trade_corrected',
        jsonb_strip_nulls(jsonb_build_object(
            'correction_id', correction_id,
            'execution_id', execution_id,
            'identity', identity,
            'side', side,
            'execution_quantity', execution_quantity,
            'execution_price', execution_price,
            'execution_fees', execution_fees,
            'fee_currency', fee_currency,
            'executed_at', executed_at,
            'corrected_at', corrected_at,
            'account', account,
            'asset', asset,
            'position_side', position_side,
            'order_id', order_id
        ))
    );
END
$$;

COMMENT ON FUNCTION api.correct_fill IS $$Correct a fill that was reported wrong

By its execution_id, with asset, position_side or order_id where several fills have it, or by its
identity as api.fills shows it. Of two fills on both sides, side names the one that has it. Omitted fields stay as they were
first reported. correction_id and corrected_at say which correction it is: of several of one fill
the newest counts, in whatever order they come; sent again it is a duplicate. The leg is folded
again, and the change of its realized PnL is kept as a restatement. One whose fill is not recorded
yet waits for it (reason pending_fill). Answers {outcome, reason, detail, trace_id}.

Refuses with:
- 400 VALIDATION_ERROR when a field is missing or out of its range; details name it
- 403 FORBIDDEN when the key is bound to other accounts
- 409 CONFLICT when the correction_id was used before with other content$$;

GRANT EXECUTE ON FUNCTION api.correct_fill TO pms_trader, pms_operator;

CREATE OR REPLACE FUNCTION api.post_correction(bytea)
RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_correction jsonb := pms.parse_body($1);
BEGIN
    RETURN coalesce(
        pms.amendment_error(v_correction),
        pms.record_events('correct_fill', 'trade_corrected', pms.amended_fill() || v_correction)
    );
END
$$;

COMMENT ON FUNCTION api.post_correction IS $$Correct the fill of a path

The header X-Path-Id has its execution_id or identity, the JSON body the other arguments of
api.correct_fill, which see.

Refuses with:
- 400 VALIDATION_ERROR when a field is missing, unknown or out of its range; details name it
- 403 FORBIDDEN when the key is bound to other accounts
- 409 CONFLICT when the correction_id was used before with other content$$;

GRANT EXECUTE ON FUNCTION api.post_correction TO pms_trader, pms_operator;
