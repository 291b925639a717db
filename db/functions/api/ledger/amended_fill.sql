CREATE OR REPLACE FUNCTION pms.amended_fill()
RETURNS jsonb
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    v_id text := pms.path_id();
BEGIN
    RETURN jsonb_build_object(
        CASE
            WHEN v_id ~ '^(?:action|correction|event|execution|fill|funding|match|order|transfer):'
                THEN 'identity'
            ELSE 'execution_id'
        END,
        v_id
    );
END
$$;

COMMENT ON FUNCTION pms.amended_fill IS $$The fill in the path of a request, as a field of a message

Its execution_id; its identity, as api.fills shows it, if it begins as one does.$$;

CREATE OR REPLACE FUNCTION pms.amendment_error(body jsonb)
RETURNS jsonb
LANGUAGE plpgsql
AS $$
BEGIN
    RETURN CASE
        WHEN jsonb_typeof(body) = 'object' IS NOT TRUE THEN pms.body_error('an object')
        ELSE (
                SELECT pms.validation_error(jsonb_object_agg(n.name, 'is part of the path'))
                FROM unnest('{execution_id,fill_id,identity}'::text[]) n (name)
                WHERE body ? n.name
            )
    END;
END
$$;

COMMENT ON FUNCTION pms.amendment_error IS
'The refusal of the body of a bust or correction that is no object or names a fill, or null.';
