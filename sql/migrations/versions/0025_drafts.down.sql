DROP TABLE desk_draft;
