-- Everybody's months of unemployment insurance that were settled two months or more after they were due.
SELECT DISTINCT id_key AS person, employer_id, employer_uscc, settled_month, received_on
FROM extract
WHERE insurance = '210' AND paid_flag = '1' AND valid = '1' AND settled_month - covered_month >= 2
  AND payment_kind IN ('10', '31', '32', '60') AND id_key IS NOT NULL
ORDER BY person, employer_id NULLS LAST, employer_uscc NULLS LAST, settled_month NULLS LAST, received_on NULLS LAST
