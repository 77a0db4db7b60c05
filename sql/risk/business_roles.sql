-- The telephone numbers that an employer has registered.
SELECT DISTINCT entity_uscc AS employer, phone
FROM extract
WHERE phone IS NOT NULL
ORDER BY employer NULLS LAST, phone
