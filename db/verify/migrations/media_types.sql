-- Verify position_manager:migrations/media_types on pg

SELECT NULL::api."text/plain";  -- noqa: RF05
