-- Employers at which somebody was insured in twelve of the thirteen months up to the last, the newest of which
-- may not have been delivered yet.
SELECT DISTINCT employer_id, employer_uscc
FROM (
    SELECT employer_id, employer_uscc, id_key
    FROM extract
    WHERE insurance = '210' AND paid_flag = '1' AND valid = '1' AND covered_month BETWEEN {first} AND {last}
      AND id_key IS NOT NULL
    GROUP BY employer_id, employer_uscc, id_key
    HAVING count(DISTINCT covered_month) >= 12
) long_insured
ORDER BY employer_id NULLS LAST, employer_uscc NULLS LAST
