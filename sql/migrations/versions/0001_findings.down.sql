-- Takes every table of ours away, in the order that references allow.
DROP TABLE audit_event;
DROP TABLE judged_fact;
DROP TABLE review;
DROP TABLE entitlement_notice;
DROP TABLE material_request;
DROP TABLE identity_question;
DROP TABLE excluded_match;
DROP TABLE overpayment;
DROP TABLE evidence;
DROP TABLE suspension_candidate;
DROP TABLE release_decision;
DROP TABLE delivery;
DROP TABLE match_run;
DROP TABLE applied_migration;
