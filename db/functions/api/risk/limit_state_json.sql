CREATE OR REPLACE FUNCTION pms.limit_state_json(l api.limits)
RETURNS jsonb
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    v_state pms.limit_state := (
        l.id, l.scope, pms.book_account(l.account, l.book), l.asset, l.metric, l.warn_level,
        l.breach_level, l.value, l.utilisation, l.level
    );
BEGIN
    RETURN pms.limit_json(v_state)
        || pms.limit_usage_json(v_state)
        || jsonb_build_object(
            'clear', pms.decimal_text(l.clear_level),
            'source', l.source,
            'updated_at', pms.time_text(l.updated_at)
        );
END
$$;

COMMENT ON FUNCTION pms.limit_state_json IS
'A limit as the contract writes it, with its use, who set it and when.';
