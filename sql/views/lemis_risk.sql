-- Acts on claims as far as a LEMIS core has them: who handled what, where and when (AAE011, AAE017, AAE036).
-- A template: only acceptance is in the core itself; review, approval, changes and overrides stand in the log of
-- the city's own workflow and are added here by the DBA. What is not added is 未提供 only where no view is made:
-- leave this view out rather than offer half of it, or NO_TRACE will say that approvals are missing.
CREATE VIEW claim_event AS
SELECT 'JC10-' || CAST(jc10.bjc100 AS text) AS event_id,
       CAST(jc10.bjc100 AS text) AS claim_id,
       'accept' AS kind,
       jc10.aae036 AS at,
       jc10.aae011 AS operator_id,
       'counter' AS channel,
       CAST(NULL AS text) AS before_key,
       CAST(NULL AS text) AS after_key,
       CAST(NULL AS text) AS reference
  FROM jc10;
