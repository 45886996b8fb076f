-- The tables of schema 1 as its program has made them on PostgreSQL.
CREATE TABLE collection (
    id BIGSERIAL NOT NULL, 
    name VARCHAR(200) NOT NULL, 
    PRIMARY KEY (id), 
    UNIQUE (name)
);
CREATE TABLE encoder (
    id BIGSERIAL NOT NULL, 
    name VARCHAR(200) NOT NULL, 
    dim INTEGER NOT NULL, 
    fingerprint VARCHAR(64) NOT NULL, 
    PRIMARY KEY (id), 
    UNIQUE (fingerprint)
);
CREATE TABLE embedding (
    image_id BIGINT NOT NULL, 
    space VARCHAR(8) NOT NULL, 
    encoder_id BIGINT NOT NULL, 
    revision BIGINT NOT NULL, 
    vector BYTEA, 
    crc BIGINT NOT NULL, 
    PRIMARY KEY (image_id, space, encoder_id), 
    FOREIGN KEY(encoder_id) REFERENCES encoder (id)
);
CREATE INDEX embedding_by_revision ON embedding (encoder_id, space, revision);
CREATE TABLE exclusion (
    collection_id BIGINT NOT NULL, 
    content_hash VARCHAR(64) NOT NULL, 
    size BIGINT, 
    PRIMARY KEY (collection_id, content_hash), 
    FOREIGN KEY(collection_id) REFERENCES collection (id)
);
CREATE TABLE image (
    id BIGSERIAL NOT NULL, 
    collection_id BIGINT NOT NULL, 
    content_hash VARCHAR(64) NOT NULL, 
    format VARCHAR(8) NOT NULL, 
    width INTEGER NOT NULL, 
    height INTEGER NOT NULL, 
    taken_at BIGINT, 
    added_at BIGINT NOT NULL, 
    crc BIGINT NOT NULL, 
    PRIMARY KEY (id), 
    UNIQUE (collection_id, content_hash), 
    FOREIGN KEY(collection_id) REFERENCES collection (id)
);
CREATE INDEX image_by_time ON image (taken_at, id);
CREATE TABLE library (
    id SERIAL NOT NULL, 
    version INTEGER NOT NULL, 
    revision BIGINT NOT NULL, 
    encoder_id BIGINT, 
    captioner VARCHAR(200), 
    PRIMARY KEY (id), 
    FOREIGN KEY(encoder_id) REFERENCES encoder (id)
);
CREATE TABLE removed_path (
    collection_id BIGINT NOT NULL, 
    path BYTEA NOT NULL, 
    PRIMARY KEY (collection_id, path), 
    FOREIGN KEY(collection_id) REFERENCES collection (id)
);
CREATE TABLE root (
    id BIGSERIAL NOT NULL, 
    collection_id BIGINT NOT NULL, 
    path BYTEA NOT NULL, 
    device BIGINT NOT NULL, 
    file_count BIGINT NOT NULL, 
    whole BOOLEAN NOT NULL, 
    PRIMARY KEY (id), 
    UNIQUE (collection_id, path), 
    FOREIGN KEY(collection_id) REFERENCES collection (id)
);
CREATE TABLE caption (
    image_id BIGINT NOT NULL, 
    source VARCHAR(200) NOT NULL, 
    language VARCHAR(8) NOT NULL, 
    text TEXT NOT NULL, 
    crc BIGINT NOT NULL, 
    PRIMARY KEY (image_id, source, language), 
    FOREIGN KEY(image_id) REFERENCES image (id) ON DELETE CASCADE
);
CREATE TABLE failure (
    root_id BIGINT NOT NULL, 
    path BYTEA NOT NULL, 
    reason VARCHAR(32) NOT NULL, 
    detail TEXT NOT NULL, 
    attempts INTEGER NOT NULL, 
    at BIGINT NOT NULL, 
    size BIGINT, 
    mtime_ns BIGINT, 
    PRIMARY KEY (root_id, path), 
    FOREIGN KEY(root_id) REFERENCES root (id)
);
CREATE TABLE location (
    id BIGSERIAL NOT NULL, 
    image_id BIGINT NOT NULL, 
    root_id BIGINT NOT NULL, 
    path BYTEA NOT NULL, 
    size BIGINT NOT NULL, 
    mtime_ns BIGINT NOT NULL, 
    PRIMARY KEY (id), 
    UNIQUE (root_id, path), 
    FOREIGN KEY(image_id) REFERENCES image (id) ON DELETE CASCADE, 
    FOREIGN KEY(root_id) REFERENCES root (id)
);
CREATE INDEX ix_location_image_id ON location (image_id);
CREATE TABLE scan (
    root_id BIGINT NOT NULL, 
    finished_at BIGINT, 
    file_systems TEXT NOT NULL, 
    PRIMARY KEY (root_id), 
    FOREIGN KEY(root_id) REFERENCES root (id) ON DELETE CASCADE
);
