CREATE OR REPLACE FUNCTION pms.review_codes(
    account text,
    asset text,
    mode text,
    has_reviews boolean,
    is_crossed boolean
)
RETURNS text[]
LANGUAGE plpgsql
STABLE
-- For the readers of a view, who have no rights on the table.
SECURITY DEFINER
SET search_path = ''
AS $$
BEGIN
    RETURN ARRAY(
        SELECT v.code
        FROM pms.reviews v
        WHERE review_codes.has_reviews
            AND v.account = review_codes.account
            AND v.asset = review_codes.asset
            AND v.mode = review_codes.mode
        UNION
        SELECT 'wrong_side'
        WHERE review_codes.is_crossed
        ORDER BY 1
    );
END
$$;

COMMENT ON FUNCTION pms.review_codes IS
$$The codes of the reasons why a position needs review, in order

has_reviews: a leg is flagged now; of another moment the reasons are not kept. is_crossed: a leg is
on the wrong side.$$;

GRANT EXECUTE ON FUNCTION pms.review_codes
TO pms_reader, pms_trader, pms_operator, pms_analyst;
