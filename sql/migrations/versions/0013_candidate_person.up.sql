-- The other candidates of a person, which every case shows.
CREATE INDEX candidate_person ON suspension_candidate (person_id);
