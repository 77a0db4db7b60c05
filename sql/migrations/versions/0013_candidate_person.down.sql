DROP INDEX candidate_person;
