-- Every change of number or name on record.
SELECT DISTINCT id_key, old_id_key, name_key, old_name_key
FROM extract
WHERE id_key IS NOT NULL
