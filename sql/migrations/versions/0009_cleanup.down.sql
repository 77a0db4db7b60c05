-- Takes the clean-up away with everything that people decided in it; the agency's records never changed.
DROP INDEX correction_proposal_district;
DROP INDEX cleanup_finding_district;
DROP TABLE correction_list_row;
DROP TABLE correction_list;
DROP TABLE correction_export_row;
DROP TABLE correction_export;
DROP TABLE correction_decision;
DROP TABLE correction_proposal;
DROP TABLE readiness;
DROP TABLE employer_alias;
DROP TABLE entitlement_check;
DROP TABLE person_cluster_member;
DROP TABLE person_cluster;
DROP TABLE cleanup_finding;
DROP TABLE cleanup_chunk;
DROP TABLE cleanup_run;
