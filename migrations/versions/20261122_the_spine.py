"""The spine and the ribs: every table of the first schema."""
# ruff: noqa: PLR0915 - written by alembic, once: every table of a schema is one long list

import sqlalchemy as sa
from alembic import op

revision = "20261122_the_spine"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at_offset_min", sa.Integer(), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("labdb_version", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change")),
    )
    op.create_table(
        "acknowledgement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("change_id", sa.Uuid(), nullable=False),
        sa.Column("supersedes_id", sa.Uuid(), nullable=True),
        sa.Column("void_change_id", sa.Uuid(), nullable=True),
        sa.Column("origin", sa.String(length=40), nullable=False),
        sa.Column("origin_note", sa.Text(), nullable=True),
        sa.Column("rule", sa.String(length=20), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "origin IN ('measured', 'computed', 'transcribed', 'synthetic')",
            name=op.f("ck_acknowledgement_origin_known"),
        ),
        sa.ForeignKeyConstraint(["change_id"], ["change.id"], name=op.f("fk_acknowledgement_change_id")),
        sa.ForeignKeyConstraint(
            ["supersedes_id"], ["acknowledgement.id"], name=op.f("fk_acknowledgement_supersedes_id")
        ),
        sa.ForeignKeyConstraint(["void_change_id"], ["change.id"], name=op.f("fk_acknowledgement_void_change_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acknowledgement")),
    )
    with op.batch_alter_table("acknowledgement", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_acknowledgement_change_id"), ["change_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_acknowledgement_fingerprint"), ["fingerprint"], unique=False)
        batch_op.create_index("ux_acknowledgement_supersedes_id", ["supersedes_id"], unique=True)

    op.create_table(
        "alias",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("change_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("place", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["change_id"], ["change.id"], name=op.f("fk_alias_change_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alias")),
        sa.UniqueConstraint("name", name=op.f("uq_alias_name")),
    )
    with op.batch_alter_table("alias", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_alias_change_id"), ["change_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_alias_subject"), ["subject"], unique=False)

    op.create_table(
        "audit",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("change_id", sa.Uuid(), nullable=True),
        sa.Column("table_name", sa.String(length=63), nullable=False),
        sa.Column("row_id", sa.Uuid(), nullable=False),
        sa.Column("old", sa.Text(), nullable=False),
        sa.Column("new", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["change_id"], ["change.id"], name=op.f("fk_audit_change_id")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit")),
    )
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_change_id"), ["change_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_row_id"), ["row_id"], unique=False)

    op.create_table(
        "chemical",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("change_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("origin", sa.String(length=40), nullable=False),
        sa.Column("origin_note", sa.Text(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("formula", sa.String(), nullable=True),
        sa.Column("cas_number", sa.String(), nullable=True),
        sa.Column("role", sa.String(), nullable=False),
        sa.CheckConstraint(
            "origin IN ('measured', 'computed', 'transcribed', 'synthetic')", name=op.f("ck_chemical_origin_known")
        ),
        sa.ForeignKeyConstraint(["change_id"], ["change.id"], name=op.f("fk_chemical_change_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chemical")),
        sa.UniqueConstraint("code", name=op.f("uq_chemical_code")),
    )
    with op.batch_alter_table("chemical", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_chemical_change_id"), ["change_id"], unique=False)

    op.create_table(
        "condition",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("change_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("origin", sa.String(length=40), nullable=False),
        sa.Column("origin_note", sa.Text(), nullable=True),
        sa.Column("medium", sa.String(), nullable=False),
        sa.Column("solute", sa.String(), nullable=True),
        sa.Column("amount_concentration_mol_per_l", sa.Float(), nullable=True),
        sa.Column("relative_humidity_percent", sa.Float(), nullable=True),
        sa.Column("ph_reported", sa.Float(), nullable=True),
        sa.Column("ph_measured", sa.Float(), nullable=True),
        sa.Column("temperature_degc", sa.Float(), nullable=True),
        sa.Column("light", sa.String(), nullable=True),
        sa.CheckConstraint(
            "origin IN ('measured', 'computed', 'transcribed', 'synthetic')", name=op.f("ck_condition_origin_known")
        ),
        sa.CheckConstraint(
            "amount_concentration_mol_per_l BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308",
            name=op.f("ck_condition_amount_concentration_mol_per_l_finite"),
        ),
        sa.CheckConstraint(
            "ph_measured BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308",
            name=op.f("ck_condition_ph_measured_finite"),
        ),
        sa.CheckConstraint(
            "ph_reported BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308",
            name=op.f("ck_condition_ph_reported_finite"),
        ),
        sa.CheckConstraint(
            "relative_humidity_percent BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308",
            name=op.f("ck_condition_relative_humidity_percent_finite"),
        ),
        sa.CheckConstraint(
            "temperature_degc BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308",
            name=op.f("ck_condition_temperature_degc_finite"),
        ),
        sa.ForeignKeyConstraint(["change_id"], ["change.id"], name=op.f("fk_condition_change_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_condition")),
        sa.UniqueConstraint("code", name=op.f("uq_condition_code")),
    )
    with op.batch_alter_table("condition", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_condition_change_id"), ["change_id"], unique=False)

    op.create_table(
        "current_change",
        sa.Column("slot", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("change_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["change_id"], ["change.id"], name=op.f("fk_current_change_change_id")),
        sa.PrimaryKeyConstraint("slot", name=op.f("pk_current_change")),
    )
    op.create_table(
        "instrument",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("change_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("origin", sa.String(length=40), nullable=False),
        sa.Column("origin_note", sa.Text(), nullable=True),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=True),
        sa.Column("serial_number", sa.String(), nullable=True),
        sa.Column("location", sa.String(), nullable=True),
        sa.CheckConstraint(
            "origin IN ('measured', 'computed', 'transcribed', 'synthetic')", name=op.f("ck_instrument_origin_known")
        ),
        sa.ForeignKeyConstraint(["change_id"], ["change.id"], name=op.f("fk_instrument_change_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instrument")),
        sa.UniqueConstraint("code", name=op.f("uq_instrument_code")),
    )
    with op.batch_alter_table("instrument", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_instrument_change_id"), ["change_id"], unique=False)

    op.create_table(
        "intake_run",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("change_id", sa.Uuid(), nullable=False),
        sa.Column("supersedes_id", sa.Uuid(), nullable=True),
        sa.Column("void_change_id", sa.Uuid(), nullable=True),
        sa.Column("origin", sa.String(length=40), nullable=False),
        sa.Column("origin_note", sa.Text(), nullable=True),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "origin IN ('measured', 'computed', 'transcribed', 'synthetic')", name=op.f("ck_intake_run_origin_known")
        ),
        sa.ForeignKeyConstraint(["change_id"], ["change.id"], name=op.f("fk_intake_run_change_id")),
        sa.ForeignKeyConstraint(["supersedes_id"], ["intake_run.id"], name=op.f("fk_intake_run_supersedes_id")),
        sa.ForeignKeyConstraint(["void_change_id"], ["change.id"], name=op.f("fk_intake_run_void_change_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake_run")),
        sa.UniqueConstraint("code", name=op.f("uq_intake_run_code")),
    )
    with op.batch_alter_table("intake_run", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_intake_run_change_id"), ["change_id"], unique=False)
        batch_op.create_index("ux_intake_run_supersedes_id", ["supersedes_id"], unique=True)

    op.create_table(
        "method",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("change_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("origin", sa.String(length=40), nullable=False),
        sa.Column("origin_note", sa.Text(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("what", sa.Text(), nullable=True),
        sa.Column("version", sa.String(), nullable=True),
        sa.Column("unit", sa.String(), nullable=True),
        sa.Column("limit_of_detection", sa.Float(), nullable=True),
        sa.Column("limit_of_quantification", sa.Float(), nullable=True),
        sa.Column("detection_definition", sa.Text(), nullable=True),
        sa.Column("u_absolute", sa.Float(), nullable=True),
        sa.Column("u_relative", sa.Float(), nullable=True),
        sa.Column("u_model", sa.Text(), nullable=True),
        sa.Column("threshold_meaning", sa.String(length=40), nullable=True),
        sa.Column("blank_corrected", sa.String(length=40), nullable=True),
        sa.Column("external", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "blank_corrected IN ('yes', 'no', 'not_stated')", name=op.f("ck_method_blank_corrected_known")
        ),
        sa.CheckConstraint(
            "origin IN ('measured', 'computed', 'transcribed', 'synthetic')", name=op.f("ck_method_origin_known")
        ),
        sa.CheckConstraint(
            "threshold_meaning IN ('below_LC', 'below_LD', 'below_LQ', 'not_stated')",
            name=op.f("ck_method_threshold_meaning_known"),
        ),
        sa.CheckConstraint(
            "limit_of_detection BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308",
            name=op.f("ck_method_limit_of_detection_finite"),
        ),
        sa.CheckConstraint(
            "limit_of_quantification BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308",
            name=op.f("ck_method_limit_of_quantification_finite"),
        ),
        sa.CheckConstraint(
            "u_absolute BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308",
            name=op.f("ck_method_u_absolute_finite"),
        ),
        sa.CheckConstraint(
            "u_relative BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308",
            name=op.f("ck_method_u_relative_finite"),
        ),
        sa.ForeignKeyConstraint(["change_id"], ["change.id"], name=op.f("fk_method_change_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_method")),
        sa.UniqueConstraint("code", name=op.f("uq_method_code")),
    )
    with op.batch_alter_table("method", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_method_change_id"), ["change_id"], unique=False)

    op.create_table(
        "note",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("change_id", sa.Uuid(), nullable=False),
        sa.Column("supersedes_id", sa.Uuid(), nullable=True),
        sa.Column("void_change_id", sa.Uuid(), nullable=True),
        sa.Column("origin", sa.String(length=40), nullable=False),
        sa.Column("origin_note", sa.Text(), nullable=True),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "origin IN ('measured', 'computed', 'transcribed', 'synthetic')", name=op.f("ck_note_origin_known")
        ),
        sa.ForeignKeyConstraint(["change_id"], ["change.id"], name=op.f("fk_note_change_id")),
        sa.ForeignKeyConstraint(["supersedes_id"], ["note.id"], name=op.f("fk_note_supersedes_id")),
        sa.ForeignKeyConstraint(["void_change_id"], ["change.id"], name=op.f("fk_note_void_change_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note")),
    )
    with op.batch_alter_table("note", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_note_change_id"), ["change_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_note_subject"), ["subject"], unique=False)
        batch_op.create_index("ux_note_supersedes_id", ["supersedes_id"], unique=True)

    op.create_table(
        "person",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("change_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("origin", sa.String(length=40), nullable=False),
        sa.Column("origin_note", sa.Text(), nullable=True),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("role", sa.String(), nullable=True),
        sa.CheckConstraint(
            "origin IN ('measured', 'computed', 'transcribed', 'synthetic')", name=op.f("ck_person_origin_known")
        ),
        sa.ForeignKeyConstraint(["change_id"], ["change.id"], name=op.f("fk_person_change_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("code", name=op.f("uq_person_code")),
    )
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_person_change_id"), ["change_id"], unique=False)

    op.create_table(
        "protocol",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("change_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("origin", sa.String(length=40), nullable=False),
        sa.Column("origin_note", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.CheckConstraint(
            "origin IN ('measured', 'computed', 'transcribed', 'synthetic')", name=op.f("ck_protocol_origin_known")
        ),
        sa.ForeignKeyConstraint(["change_id"], ["change.id"], name=op.f("fk_protocol_change_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_protocol")),
        sa.UniqueConstraint("code", name=op.f("uq_protocol_code")),
    )
    with op.batch_alter_table("protocol", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_protocol_change_id"), ["change_id"], unique=False)

    op.create_table(
        "raw_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("change_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("reader", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["change_id"], ["change.id"], name=op.f("fk_raw_file_change_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_raw_file")),
        sa.UniqueConstraint("sha256", name=op.f("uq_raw_file_sha256")),
    )
    with op.batch_alter_table("raw_file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_raw_file_change_id"), ["change_id"], unique=False)

    op.create_table(
        "statement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("change_id", sa.Uuid(), nullable=False),
        sa.Column("supersedes_id", sa.Uuid(), nullable=True),
        sa.Column("void_change_id", sa.Uuid(), nullable=True),
        sa.Column("origin", sa.String(length=40), nullable=False),
        sa.Column("origin_note", sa.Text(), nullable=True),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("qualifier", sa.String(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("unit", sa.String(), nullable=True),
        sa.Column("u", sa.Float(), nullable=True),
        sa.Column("coverage", sa.String(), nullable=True),
        sa.Column("place", sa.String(), nullable=True),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("alternative_of", sa.String(), nullable=True),
        sa.CheckConstraint(
            "origin IN ('measured', 'computed', 'transcribed', 'synthetic')", name=op.f("ck_statement_origin_known")
        ),
        sa.CheckConstraint(
            "u BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308", name=op.f("ck_statement_u_finite")
        ),
        sa.ForeignKeyConstraint(["change_id"], ["change.id"], name=op.f("fk_statement_change_id")),
        sa.ForeignKeyConstraint(["supersedes_id"], ["statement.id"], name=op.f("fk_statement_supersedes_id")),
        sa.ForeignKeyConstraint(["void_change_id"], ["change.id"], name=op.f("fk_statement_void_change_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement")),
    )
    with op.batch_alter_table("statement", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_statement_change_id"), ["change_id"], unique=False)
        batch_op.create_index(
            "ux_current_statement_code",
            ["code"],
            unique=True,
            sqlite_where=sa.text("void_change_id IS NULL"),
            postgresql_where=sa.text("void_change_id IS NULL"),
        )
        batch_op.create_index("ux_statement_supersedes_id", ["supersedes_id"], unique=True)

    op.create_table(
        "attachment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("change_id", sa.Uuid(), nullable=False),
        sa.Column("supersedes_id", sa.Uuid(), nullable=True),
        sa.Column("void_change_id", sa.Uuid(), nullable=True),
        sa.Column("origin", sa.String(length=40), nullable=False),
        sa.Column("origin_note", sa.Text(), nullable=True),
        sa.Column("raw_file_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("caption", sa.String(), nullable=True),
        sa.CheckConstraint(
            "origin IN ('measured', 'computed', 'transcribed', 'synthetic')", name=op.f("ck_attachment_origin_known")
        ),
        sa.ForeignKeyConstraint(["change_id"], ["change.id"], name=op.f("fk_attachment_change_id")),
        sa.ForeignKeyConstraint(["raw_file_id"], ["raw_file.id"], name=op.f("fk_attachment_raw_file_id")),
        sa.ForeignKeyConstraint(["supersedes_id"], ["attachment.id"], name=op.f("fk_attachment_supersedes_id")),
        sa.ForeignKeyConstraint(["void_change_id"], ["change.id"], name=op.f("fk_attachment_void_change_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
    )
    with op.batch_alter_table("attachment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attachment_change_id"), ["change_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_attachment_raw_file_id"), ["raw_file_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_attachment_subject"), ["subject"], unique=False)
        batch_op.create_index("ux_attachment_supersedes_id", ["supersedes_id"], unique=True)

    op.create_table(
        "batch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("change_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("origin", sa.String(length=40), nullable=False),
        sa.Column("origin_note", sa.Text(), nullable=True),
        sa.Column("composition", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=True),
        sa.Column("protocol_id", sa.Uuid(), nullable=True),
        sa.Column("target_w", sa.Float(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at_offset_min", sa.Integer(), nullable=True),
        sa.Column("operator", sa.String(), nullable=True),
        sa.CheckConstraint(
            "origin IN ('measured', 'computed', 'transcribed', 'synthetic')", name=op.f("ck_batch_origin_known")
        ),
        sa.CheckConstraint(
            "target_w BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308",
            name=op.f("ck_batch_target_w_finite"),
        ),
        sa.ForeignKeyConstraint(["change_id"], ["change.id"], name=op.f("fk_batch_change_id")),
        sa.ForeignKeyConstraint(["protocol_id"], ["protocol.id"], name=op.f("fk_batch_protocol_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch")),
        sa.UniqueConstraint("code", name=op.f("uq_batch_code")),
    )
    with op.batch_alter_table("batch", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_batch_change_id"), ["change_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_batch_protocol_id"), ["protocol_id"], unique=False)

    op.create_table(
        "calibration",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("change_id", sa.Uuid(), nullable=False),
        sa.Column("supersedes_id", sa.Uuid(), nullable=True),
        sa.Column("void_change_id", sa.Uuid(), nullable=True),
        sa.Column("origin", sa.String(length=40), nullable=False),
        sa.Column("origin_note", sa.Text(), nullable=True),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("instrument_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=True),
        sa.Column("value", sa.Float(), nullable=True),
        sa.Column("unit", sa.String(), nullable=True),
        sa.Column("u", sa.Float(), nullable=True),
        sa.Column("certificate", sa.String(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.CheckConstraint(
            "origin IN ('measured', 'computed', 'transcribed', 'synthetic')", name=op.f("ck_calibration_origin_known")
        ),
        sa.CheckConstraint(
            "u BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308", name=op.f("ck_calibration_u_finite")
        ),
        sa.CheckConstraint(
            "value BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308",
            name=op.f("ck_calibration_value_finite"),
        ),
        sa.ForeignKeyConstraint(["change_id"], ["change.id"], name=op.f("fk_calibration_change_id")),
        sa.ForeignKeyConstraint(["instrument_id"], ["instrument.id"], name=op.f("fk_calibration_instrument_id")),
        sa.ForeignKeyConstraint(["supersedes_id"], ["calibration.id"], name=op.f("fk_calibration_supersedes_id")),
        sa.ForeignKeyConstraint(["void_change_id"], ["change.id"], name=op.f("fk_calibration_void_change_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calibration")),
    )
    with op.batch_alter_table("calibration", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_calibration_change_id"), ["change_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_calibration_instrument_id"), ["instrument_id"], unique=False)
        batch_op.create_index("ux_calibration_supersedes_id", ["supersedes_id"], unique=True)
        batch_op.create_index(
            "ux_current_calibration_code",
            ["code"],
            unique=True,
            sqlite_where=sa.text("void_change_id IS NULL"),
            postgresql_where=sa.text("void_change_id IS NULL"),
        )

    op.create_table(
        "file_header",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("change_id", sa.Uuid(), nullable=False),
        sa.Column("raw_file_id", sa.Uuid(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["change_id"], ["change.id"], name=op.f("fk_file_header_change_id")),
        sa.ForeignKeyConstraint(["raw_file_id"], ["raw_file.id"], name=op.f("fk_file_header_raw_file_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_file_header")),
    )
    with op.batch_alter_table("file_header", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_file_header_change_id"), ["change_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_file_header_raw_file_id"), ["raw_file_id"], unique=False)

    op.create_table(
        "intake_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("change_id", sa.Uuid(), nullable=False),
        sa.Column("intake_run_id", sa.Uuid(), nullable=False),
        sa.Column("raw_file_id", sa.Uuid(), nullable=False),
        sa.Column("first_row", sa.Integer(), nullable=True),
        sa.Column("last_row", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["change_id"], ["change.id"], name=op.f("fk_intake_file_change_id")),
        sa.ForeignKeyConstraint(["intake_run_id"], ["intake_run.id"], name=op.f("fk_intake_file_intake_run_id")),
        sa.ForeignKeyConstraint(["raw_file_id"], ["raw_file.id"], name=op.f("fk_intake_file_raw_file_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake_file")),
    )
    with op.batch_alter_table("intake_file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_intake_file_change_id"), ["change_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_intake_file_intake_run_id"), ["intake_run_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_intake_file_raw_file_id"), ["raw_file_id"], unique=False)

    op.create_table(
        "lot",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("change_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("origin", sa.String(length=40), nullable=False),
        sa.Column("origin_note", sa.Text(), nullable=True),
        sa.Column("chemical_id", sa.Uuid(), nullable=False),
        sa.Column("purity_percent", sa.Float(), nullable=True),
        sa.Column("supplier", sa.String(), nullable=True),
        sa.Column("opened_on", sa.Date(), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("certified_value", sa.Float(), nullable=True),
        sa.Column("certified_unit", sa.String(), nullable=True),
        sa.Column("certified_expanded_u", sa.Float(), nullable=True),
        sa.Column("certified_coverage_factor", sa.Float(), nullable=True),
        sa.CheckConstraint(
            "origin IN ('measured', 'computed', 'transcribed', 'synthetic')", name=op.f("ck_lot_origin_known")
        ),
        sa.CheckConstraint(
            "certified_coverage_factor BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308",
            name=op.f("ck_lot_certified_coverage_factor_finite"),
        ),
        sa.CheckConstraint(
            "certified_expanded_u BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308",
            name=op.f("ck_lot_certified_expanded_u_finite"),
        ),
        sa.CheckConstraint(
            "certified_value BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308",
            name=op.f("ck_lot_certified_value_finite"),
        ),
        sa.CheckConstraint(
            "purity_percent BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308",
            name=op.f("ck_lot_purity_percent_finite"),
        ),
        sa.ForeignKeyConstraint(["change_id"], ["change.id"], name=op.f("fk_lot_change_id")),
        sa.ForeignKeyConstraint(["chemical_id"], ["chemical.id"], name=op.f("fk_lot_chemical_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lot")),
        sa.UniqueConstraint("code", name=op.f("uq_lot_code")),
    )
    with op.batch_alter_table("lot", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lot_change_id"), ["change_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_lot_chemical_id"), ["chemical_id"], unique=False)

    op.create_table(
        "protocol_step",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("change_id", sa.Uuid(), nullable=False),
        sa.Column("protocol_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("temperature_degc", sa.Float(), nullable=True),
        sa.Column("temperature_tolerance_degc", sa.Float(), nullable=True),
        sa.Column("ramp_degc_per_min", sa.Float(), nullable=True),
        sa.Column("ramp_tolerance_degc_per_min", sa.Float(), nullable=True),
        sa.Column("dwell_min", sa.Float(), nullable=True),
        sa.Column("dwell_tolerance_min", sa.Float(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("origin", sa.String(length=40), nullable=False),
        sa.Column("origin_note", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "origin IN ('measured', 'computed', 'transcribed', 'synthetic')", name=op.f("ck_protocol_step_origin_known")
        ),
        sa.CheckConstraint(
            "dwell_min BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308",
            name=op.f("ck_protocol_step_dwell_min_finite"),
        ),
        sa.CheckConstraint(
            "dwell_tolerance_min BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308",
            name=op.f("ck_protocol_step_dwell_tolerance_min_finite"),
        ),
        sa.CheckConstraint(
            "ramp_degc_per_min BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308",
            name=op.f("ck_protocol_step_ramp_degc_per_min_finite"),
        ),
        sa.CheckConstraint(
            "ramp_tolerance_degc_per_min BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308",
            name=op.f("ck_protocol_step_ramp_tolerance_degc_per_min_finite"),
        ),
        sa.CheckConstraint(
            "temperature_degc BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308",
            name=op.f("ck_protocol_step_temperature_degc_finite"),
        ),
        sa.CheckConstraint(
            "temperature_tolerance_degc BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308",
            name=op.f("ck_protocol_step_temperature_tolerance_degc_finite"),
        ),
        sa.ForeignKeyConstraint(["change_id"], ["change.id"], name=op.f("fk_protocol_step_change_id")),
        sa.ForeignKeyConstraint(["protocol_id"], ["protocol.id"], name=op.f("fk_protocol_step_protocol_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_protocol_step")),
    )
    with op.batch_alter_table("protocol_step", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_protocol_step_change_id"), ["change_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_protocol_step_protocol_id"), ["protocol_id"], unique=False)

    op.create_table(
        "run",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("change_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("origin", sa.String(length=40), nullable=False),
        sa.Column("origin_note", sa.Text(), nullable=True),
        sa.Column("method_id", sa.Uuid(), nullable=True),
        sa.Column("instrument_id", sa.Uuid(), nullable=True),
        sa.Column("operator", sa.String(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at_offset_min", sa.Integer(), nullable=True),
        sa.Column("what", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "origin IN ('measured', 'computed', 'transcribed', 'synthetic')", name=op.f("ck_run_origin_known")
        ),
        sa.ForeignKeyConstraint(["change_id"], ["change.id"], name=op.f("fk_run_change_id")),
        sa.ForeignKeyConstraint(["instrument_id"], ["instrument.id"], name=op.f("fk_run_instrument_id")),
        sa.ForeignKeyConstraint(["method_id"], ["method.id"], name=op.f("fk_run_method_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run")),
        sa.UniqueConstraint("code", name=op.f("uq_run_code")),
    )
    with op.batch_alter_table("run", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_run_change_id"), ["change_id"], unique=False)

    op.create_table(
        "statement_subject",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("change_id", sa.Uuid(), nullable=False),
        sa.Column("statement_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(["change_id"], ["change.id"], name=op.f("fk_statement_subject_change_id")),
        sa.ForeignKeyConstraint(["statement_id"], ["statement.id"], name=op.f("fk_statement_subject_statement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement_subject")),
    )
    with op.batch_alter_table("statement_subject", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_statement_subject_change_id"), ["change_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_statement_subject_statement_id"), ["statement_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_statement_subject_subject"), ["subject"], unique=False)

    op.create_table(
        "icp_position",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("change_id", sa.Uuid(), nullable=False),
        sa.Column("supersedes_id", sa.Uuid(), nullable=True),
        sa.Column("void_change_id", sa.Uuid(), nullable=True),
        sa.Column("origin", sa.String(length=40), nullable=False),
        sa.Column("origin_note", sa.Text(), nullable=True),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("replicate", sa.Integer(), nullable=False),
        sa.Column("nominal_ug_per_l", sa.Float(), nullable=True),
        sa.Column("intensity_cps", sa.Float(), nullable=True),
        sa.Column("sd_intensity_cps", sa.Float(), nullable=True),
        sa.Column("weight", sa.Float(), nullable=True),
        sa.Column("instrument_reading_ug_per_l", sa.Float(), nullable=True),
        sa.Column("measured_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("measured_at_offset_min", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('standard', 'blank', 'qc', 'sample', 'spike', 'unspiked', 'drift', 'method_blank', 'control')",
            name=op.f("ck_icp_position_kind_known"),
        ),
        sa.CheckConstraint(
            "origin IN ('measured', 'computed', 'transcribed', 'synthetic')", name=op.f("ck_icp_position_origin_known")
        ),
        sa.CheckConstraint(
            "instrument_reading_ug_per_l BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308",
            name=op.f("ck_icp_position_instrument_reading_ug_per_l_finite"),
        ),
        sa.CheckConstraint(
            "intensity_cps BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308",
            name=op.f("ck_icp_position_intensity_cps_finite"),
        ),
        sa.CheckConstraint(
            "nominal_ug_per_l BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308",
            name=op.f("ck_icp_position_nominal_ug_per_l_finite"),
        ),
        sa.CheckConstraint(
            "sd_intensity_cps BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308",
            name=op.f("ck_icp_position_sd_intensity_cps_finite"),
        ),
        sa.CheckConstraint(
            "weight BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308",
            name=op.f("ck_icp_position_weight_finite"),
        ),
        sa.ForeignKeyConstraint(["change_id"], ["change.id"], name=op.f("fk_icp_position_change_id")),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_icp_position_run_id")),
        sa.ForeignKeyConstraint(["supersedes_id"], ["icp_position.id"], name=op.f("fk_icp_position_supersedes_id")),
        sa.ForeignKeyConstraint(["void_change_id"], ["change.id"], name=op.f("fk_icp_position_void_change_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_icp_position")),
    )
    with op.batch_alter_table("icp_position", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_icp_position_change_id"), ["change_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_icp_position_run_id"), ["run_id"], unique=False)
        batch_op.create_index("ux_icp_position_supersedes_id", ["supersedes_id"], unique=True)

    op.create_table(
        "sample",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("change_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("origin", sa.String(length=40), nullable=False),
        sa.Column("origin_note", sa.Text(), nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=True),
        sa.Column("lot_id", sa.Uuid(), nullable=True),
        sa.Column("composition", sa.String(), nullable=True),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("amount_unit", sa.String(length=40), nullable=True),
        sa.Column("u_amount", sa.BigInteger(), nullable=True),
        sa.Column("perovskite_mass_fraction", sa.Float(), nullable=True),
        sa.Column("u_perovskite_mass_fraction", sa.Float(), nullable=True),
        sa.Column("condition_id", sa.Uuid(), nullable=True),
        sa.Column("vial", sa.String(), nullable=True),
        sa.Column("alternative_of_id", sa.Uuid(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made_at_offset_min", sa.Integer(), nullable=True),
        sa.Column("operator", sa.String(), nullable=True),
        sa.Column("instrument_id", sa.Uuid(), nullable=True),
        sa.Column("handed_out", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount_unit IN ('ng', 'pL', 'pieces')", name=op.f("ck_sample_amount_unit_known")),
        sa.CheckConstraint(
            "kind IN ('powder', 'suspension', 'film', 'solution', 'control', 'blank', 'template')",
            name=op.f("ck_sample_kind_known"),
        ),
        sa.CheckConstraint(
            "origin IN ('measured', 'computed', 'transcribed', 'synthetic')", name=op.f("ck_sample_origin_known")
        ),
        sa.CheckConstraint("(amount IS NULL) = (amount_unit IS NULL)", name=op.f("ck_sample_amount_has_unit")),
        sa.CheckConstraint("amount >= 0 AND u_amount >= 0", name=op.f("ck_sample_amount_not_negative")),
        sa.CheckConstraint(
            "handed_out = 0 OR amount IS NOT NULL", name=op.f("ck_sample_only_known_amounts_are_handed_out")
        ),
        sa.CheckConstraint(
            "handed_out >= 0 AND (handed_out = 0 OR handed_out <= amount)",
            name=op.f("ck_sample_handed_out_within_amount"),
        ),
        sa.CheckConstraint(
            "perovskite_mass_fraction BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308",
            name=op.f("ck_sample_perovskite_mass_fraction_finite"),
        ),
        sa.CheckConstraint(
            "u_perovskite_mass_fraction BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308",
            name=op.f("ck_sample_u_perovskite_mass_fraction_finite"),
        ),
        sa.ForeignKeyConstraint(["alternative_of_id"], ["sample.id"], name=op.f("fk_sample_alternative_of_id")),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_sample_batch_id")),
        sa.ForeignKeyConstraint(["change_id"], ["change.id"], name=op.f("fk_sample_change_id")),
        sa.ForeignKeyConstraint(["condition_id"], ["condition.id"], name=op.f("fk_sample_condition_id")),
        sa.ForeignKeyConstraint(["instrument_id"], ["instrument.id"], name=op.f("fk_sample_instrument_id")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_sample_lot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sample")),
        sa.UniqueConstraint("code", name=op.f("uq_sample_code")),
    )
    with op.batch_alter_table("sample", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sample_batch_id"), ["batch_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sample_change_id"), ["change_id"], unique=False)

    op.create_table(
        "step",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("change_id", sa.Uuid(), nullable=False),
        sa.Column("supersedes_id", sa.Uuid(), nullable=True),
        sa.Column("void_change_id", sa.Uuid(), nullable=True),
        sa.Column("origin", sa.String(length=40), nullable=False),
        sa.Column("origin_note", sa.Text(), nullable=True),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at_offset_min", sa.Integer(), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at_offset_min", sa.Integer(), nullable=True),
        sa.Column("temperature_degc", sa.Float(), nullable=True),
        sa.Column("ramp_degc_per_min", sa.Float(), nullable=True),
        sa.Column("dwell_min", sa.Float(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("instrument_id", sa.Uuid(), nullable=True),
        sa.Column("operator", sa.String(), nullable=True),
        sa.Column("deviation", sa.Text(), nullable=True),
        sa.Column("deviation_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "origin IN ('measured', 'computed', 'transcribed', 'synthetic')", name=op.f("ck_step_origin_known")
        ),
        sa.CheckConstraint("state IN ('started', 'finished', 'skipped')", name=op.f("ck_step_state_known")),
        sa.CheckConstraint(
            "dwell_min BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308",
            name=op.f("ck_step_dwell_min_finite"),
        ),
        sa.CheckConstraint(
            "finished_at IS NULL OR started_at IS NULL OR finished_at >= started_at", name=op.f("ck_step_time_order")
        ),
        sa.CheckConstraint(
            "ramp_degc_per_min BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308",
            name=op.f("ck_step_ramp_degc_per_min_finite"),
        ),
        sa.CheckConstraint(
            "temperature_degc BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308",
            name=op.f("ck_step_temperature_degc_finite"),
        ),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_step_batch_id")),
        sa.ForeignKeyConstraint(["change_id"], ["change.id"], name=op.f("fk_step_change_id")),
        sa.ForeignKeyConstraint(["instrument_id"], ["instrument.id"], name=op.f("fk_step_instrument_id")),
        sa.ForeignKeyConstraint(["supersedes_id"], ["step.id"], name=op.f("fk_step_supersedes_id")),
        sa.ForeignKeyConstraint(["void_change_id"], ["change.id"], name=op.f("fk_step_void_change_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_step")),
    )
    with op.batch_alter_table("step", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_step_batch_id"), ["batch_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_step_change_id"), ["change_id"], unique=False)
        batch_op.create_index(
            "ux_current_step_batch_id_seq",
            ["batch_id", "seq"],
            unique=True,
            sqlite_where=sa.text("void_change_id IS NULL"),
            postgresql_where=sa.text("void_change_id IS NULL"),
        )
        batch_op.create_index("ux_step_supersedes_id", ["supersedes_id"], unique=True)

    op.create_table(
        "weighing",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("change_id", sa.Uuid(), nullable=False),
        sa.Column("supersedes_id", sa.Uuid(), nullable=True),
        sa.Column("void_change_id", sa.Uuid(), nullable=True),
        sa.Column("origin", sa.String(length=40), nullable=False),
        sa.Column("origin_note", sa.Text(), nullable=True),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("chemical_id", sa.Uuid(), nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=True),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("planned", sa.Float(), nullable=True),
        sa.Column("amount", sa.Float(), nullable=False),
        sa.Column("u", sa.Float(), nullable=True),
        sa.Column("instrument_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "origin IN ('measured', 'computed', 'transcribed', 'synthetic')", name=op.f("ck_weighing_origin_known")
        ),
        sa.CheckConstraint("unit IN ('mg', 'mL')", name=op.f("ck_weighing_unit_is_mg_or_ml")),
        sa.CheckConstraint(
            "amount BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308",
            name=op.f("ck_weighing_amount_finite"),
        ),
        sa.CheckConstraint(
            "planned BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308",
            name=op.f("ck_weighing_planned_finite"),
        ),
        sa.CheckConstraint(
            "u BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308", name=op.f("ck_weighing_u_finite")
        ),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_weighing_batch_id")),
        sa.ForeignKeyConstraint(["change_id"], ["change.id"], name=op.f("fk_weighing_change_id")),
        sa.ForeignKeyConstraint(["chemical_id"], ["chemical.id"], name=op.f("fk_weighing_chemical_id")),
        sa.ForeignKeyConstraint(["instrument_id"], ["instrument.id"], name=op.f("fk_weighing_instrument_id")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_weighing_lot_id")),
        sa.ForeignKeyConstraint(["supersedes_id"], ["weighing.id"], name=op.f("fk_weighing_supersedes_id")),
        sa.ForeignKeyConstraint(["void_change_id"], ["change.id"], name=op.f("fk_weighing_void_change_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_weighing")),
    )
    with op.batch_alter_table("weighing", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_weighing_batch_id"), ["batch_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_weighing_change_id"), ["change_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_weighing_chemical_id"), ["chemical_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_weighing_lot_id"), ["lot_id"], unique=False)
        batch_op.create_index("ux_weighing_supersedes_id", ["supersedes_id"], unique=True)

    op.create_table(
        "control",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("change_id", sa.Uuid(), nullable=False),
        sa.Column("control_id", sa.Uuid(), nullable=False),
        sa.Column("sample_id", sa.Uuid(), nullable=True),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("(sample_id IS NULL) <> (run_id IS NULL)", name=op.f("ck_control_controls_sample_or_run")),
        sa.ForeignKeyConstraint(["change_id"], ["change.id"], name=op.f("fk_control_change_id")),
        sa.ForeignKeyConstraint(["control_id"], ["sample.id"], name=op.f("fk_control_control_id")),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_control_run_id")),
        sa.ForeignKeyConstraint(["sample_id"], ["sample.id"], name=op.f("fk_control_sample_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_control")),
    )
    with op.batch_alter_table("control", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_control_change_id"), ["change_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_control_control_id"), ["control_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_control_run_id"), ["run_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_control_sample_id"), ["sample_id"], unique=False)

    op.create_table(
        "irradiation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("change_id", sa.Uuid(), nullable=False),
        sa.Column("supersedes_id", sa.Uuid(), nullable=True),
        sa.Column("void_change_id", sa.Uuid(), nullable=True),
        sa.Column("origin", sa.String(length=40), nullable=False),
        sa.Column("origin_note", sa.Text(), nullable=True),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("sample_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=True),
        sa.Column("dose_origin", sa.String(length=40), nullable=False),
        sa.Column("dose_gy", sa.Float(), nullable=True),
        sa.Column("u_dose_gy", sa.Float(), nullable=True),
        sa.Column("tube_voltage_kv", sa.Float(), nullable=True),
        sa.Column("e_max_kev", sa.Float(), nullable=True),
        sa.Column("anode", sa.String(), nullable=True),
        sa.Column("beam_filter", sa.String(), nullable=True),
        sa.Column("reference_point", sa.String(), nullable=True),
        sa.Column("medium", sa.String(), nullable=True),
        sa.Column("fraction_in_beam", sa.Float(), nullable=True),
        sa.Column("stirring", sa.String(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at_offset_min", sa.Integer(), nullable=True),
        sa.Column("instrument_id", sa.Uuid(), nullable=True),
        sa.Column("operator", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(dose_origin = 'segments') = (dose_gy IS NULL)", name=op.f("ck_irradiation_dose_computed_or_given")
        ),
        sa.CheckConstraint(
            "dose_origin IN ('segments', 'measured', 'stated')", name=op.f("ck_irradiation_dose_origin_known")
        ),
        sa.CheckConstraint(
            "origin IN ('measured', 'computed', 'transcribed', 'synthetic')", name=op.f("ck_irradiation_origin_known")
        ),
        sa.CheckConstraint(
            "dose_gy BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308",
            name=op.f("ck_irradiation_dose_gy_finite"),
        ),
        sa.CheckConstraint(
            "e_max_kev BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308",
            name=op.f("ck_irradiation_e_max_kev_finite"),
        ),
        sa.CheckConstraint(
            "fraction_in_beam BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308",
            name=op.f("ck_irradiation_fraction_in_beam_finite"),
        ),
        sa.CheckConstraint(
            "tube_voltage_kv BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308",
            name=op.f("ck_irradiation_tube_voltage_kv_finite"),
        ),
        sa.CheckConstraint(
            "u_dose_gy BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308",
            name=op.f("ck_irradiation_u_dose_gy_finite"),
        ),
        sa.ForeignKeyConstraint(["change_id"], ["change.id"], name=op.f("fk_irradiation_change_id")),
        sa.ForeignKeyConstraint(["instrument_id"], ["instrument.id"], name=op.f("fk_irradiation_instrument_id")),
        sa.ForeignKeyConstraint(["sample_id"], ["sample.id"], name=op.f("fk_irradiation_sample_id")),
        sa.ForeignKeyConstraint(["supersedes_id"], ["irradiation.id"], name=op.f("fk_irradiation_supersedes_id")),
        sa.ForeignKeyConstraint(["void_change_id"], ["change.id"], name=op.f("fk_irradiation_void_change_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_irradiation")),
    )
    with op.batch_alter_table("irradiation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_irradiation_change_id"), ["change_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_irradiation_sample_id"), ["sample_id"], unique=False)
        batch_op.create_index(
            "ux_current_irradiation_code",
            ["code"],
            unique=True,
            sqlite_where=sa.text("void_change_id IS NULL"),
            postgresql_where=sa.text("void_change_id IS NULL"),
        )
        batch_op.create_index("ux_irradiation_supersedes_id", ["supersedes_id"], unique=True)

    op.create_table(
        "leach_test",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("change_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("origin", sa.String(length=40), nullable=False),
        sa.Column("origin_note", sa.Text(), nullable=True),
        sa.Column("experiment", sa.String(), nullable=True),
        sa.Column("sample_id", sa.Uuid(), nullable=False),
        sa.Column("alternative_of_id", sa.Uuid(), nullable=True),
        sa.Column("leachant", sa.String(), nullable=False),
        sa.Column("duration_d", sa.Float(), nullable=True),
        sa.Column("ph_start", sa.Float(), nullable=True),
        sa.Column("ph_end", sa.Float(), nullable=True),
        sa.Column("temperature_degc", sa.Float(), nullable=True),
        sa.Column("agitation", sa.String(), nullable=True),
        sa.Column("vessel", sa.String(), nullable=True),
        sa.Column("separation", sa.String(), nullable=True),
        sa.Column("acidification", sa.String(), nullable=True),
        sa.Column("lead_measured", sa.String(), nullable=True),
        sa.Column("whole_suspension_pulled", sa.Boolean(), nullable=True),
        sa.Column("medium_renewed", sa.Boolean(), nullable=True),
        sa.Column("spike_recovery_percent", sa.Float(), nullable=True),
        sa.Column("method_blank_id", sa.Uuid(), nullable=True),
        sa.Column("pull", sa.Text(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at_offset_min", sa.Integer(), nullable=True),
        sa.Column("operator", sa.String(), nullable=True),
        sa.CheckConstraint(
            "origin IN ('measured', 'computed', 'transcribed', 'synthetic')", name=op.f("ck_leach_test_origin_known")
        ),
        sa.CheckConstraint(
            "duration_d BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308",
            name=op.f("ck_leach_test_duration_d_finite"),
        ),
        sa.CheckConstraint(
            "ph_end BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308",
            name=op.f("ck_leach_test_ph_end_finite"),
        ),
        sa.CheckConstraint(
            "ph_start BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308",
            name=op.f("ck_leach_test_ph_start_finite"),
        ),
        sa.CheckConstraint(
            "spike_recovery_percent BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308",
            name=op.f("ck_leach_test_spike_recovery_percent_finite"),
        ),
        sa.CheckConstraint(
            "temperature_degc BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308",
            name=op.f("ck_leach_test_temperature_degc_finite"),
        ),
        sa.ForeignKeyConstraint(["alternative_of_id"], ["leach_test.id"], name=op.f("fk_leach_test_alternative_of_id")),
        sa.ForeignKeyConstraint(["change_id"], ["change.id"], name=op.f("fk_leach_test_change_id")),
        sa.ForeignKeyConstraint(["method_blank_id"], ["sample.id"], name=op.f("fk_leach_test_method_blank_id")),
        sa.ForeignKeyConstraint(["sample_id"], ["sample.id"], name=op.f("fk_leach_test_sample_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leach_test")),
        sa.UniqueConstraint("code", name=op.f("uq_leach_test_code")),
    )
    with op.batch_alter_table("leach_test", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_leach_test_change_id"), ["change_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_leach_test_sample_id"), ["sample_id"], unique=False)

    op.create_table(
        "sample_origin",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("change_id", sa.Uuid(), nullable=False),
        sa.Column("supersedes_id", sa.Uuid(), nullable=True),
        sa.Column("void_change_id", sa.Uuid(), nullable=True),
        sa.Column("origin", sa.String(length=40), nullable=False),
        sa.Column("origin_note", sa.Text(), nullable=True),
        sa.Column("child_id", sa.Uuid(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=False),
        sa.Column("taken", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "origin IN ('measured', 'computed', 'transcribed', 'synthetic')", name=op.f("ck_sample_origin_origin_known")
        ),
        sa.CheckConstraint("taken >= 0", name=op.f("ck_sample_origin_taken_not_negative")),
        sa.ForeignKeyConstraint(["change_id"], ["change.id"], name=op.f("fk_sample_origin_change_id")),
        sa.ForeignKeyConstraint(["child_id"], ["sample.id"], name=op.f("fk_sample_origin_child_id")),
        sa.ForeignKeyConstraint(["parent_id"], ["sample.id"], name=op.f("fk_sample_origin_parent_id")),
        sa.ForeignKeyConstraint(["supersedes_id"], ["sample_origin.id"], name=op.f("fk_sample_origin_supersedes_id")),
        sa.ForeignKeyConstraint(["void_change_id"], ["change.id"], name=op.f("fk_sample_origin_void_change_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sample_origin")),
    )
    with op.batch_alter_table("sample_origin", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sample_origin_change_id"), ["change_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sample_origin_child_id"), ["child_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sample_origin_parent_id"), ["parent_id"], unique=False)
        batch_op.create_index("ux_sample_origin_supersedes_id", ["supersedes_id"], unique=True)

    op.create_table(
        "study",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("change_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("origin", sa.String(length=40), nullable=False),
        sa.Column("origin_note", sa.Text(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("sample_id", sa.Uuid(), nullable=False),
        sa.Column("condition_id", sa.Uuid(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at_offset_min", sa.Integer(), nullable=True),
        sa.Column("measure", sa.String(), nullable=False),
        sa.Column("window_d", sa.Float(), nullable=False),
        sa.Column("operator", sa.String(), nullable=True),
        sa.CheckConstraint(
            "origin IN ('measured', 'computed', 'transcribed', 'synthetic')", name=op.f("ck_study_origin_known")
        ),
        sa.CheckConstraint(
            "window_d BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308",
            name=op.f("ck_study_window_d_finite"),
        ),
        sa.ForeignKeyConstraint(["change_id"], ["change.id"], name=op.f("fk_study_change_id")),
        sa.ForeignKeyConstraint(["condition_id"], ["condition.id"], name=op.f("fk_study_condition_id")),
        sa.ForeignKeyConstraint(["sample_id"], ["sample.id"], name=op.f("fk_study_sample_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_study")),
        sa.UniqueConstraint("code", name=op.f("uq_study_code")),
    )
    with op.batch_alter_table("study", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_study_change_id"), ["change_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_study_sample_id"), ["sample_id"], unique=False)

    op.create_table(
        "suspension",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("change_id", sa.Uuid(), nullable=False),
        sa.Column("supersedes_id", sa.Uuid(), nullable=True),
        sa.Column("void_change_id", sa.Uuid(), nullable=True),
        sa.Column("origin", sa.String(length=40), nullable=False),
        sa.Column("origin_note", sa.Text(), nullable=True),
        sa.Column("sample_id", sa.Uuid(), nullable=False),
        sa.Column("medium", sa.String(), nullable=False),
        sa.Column("mass_mg", sa.Float(), nullable=True),
        sa.Column("u_mass_mg", sa.Float(), nullable=True),
        sa.Column("volume_ml", sa.Float(), nullable=True),
        sa.Column("u_volume_ml", sa.Float(), nullable=True),
        sa.Column("particle_loading_mg_per_ml", sa.Float(), nullable=False),
        sa.Column("u_particle_loading_mg_per_ml", sa.Float(), nullable=True),
        sa.CheckConstraint(
            "origin IN ('measured', 'computed', 'transcribed', 'synthetic')", name=op.f("ck_suspension_origin_known")
        ),
        sa.CheckConstraint(
            "mass_mg BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308",
            name=op.f("ck_suspension_mass_mg_finite"),
        ),
        sa.CheckConstraint(
            "particle_loading_mg_per_ml BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308",
            name=op.f("ck_suspension_particle_loading_mg_per_ml_finite"),
        ),
        sa.CheckConstraint(
            "u_mass_mg BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308",
            name=op.f("ck_suspension_u_mass_mg_finite"),
        ),
        sa.CheckConstraint(
            "u_particle_loading_mg_per_ml BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308",
            name=op.f("ck_suspension_u_particle_loading_mg_per_ml_finite"),
        ),
        sa.CheckConstraint(
            "u_volume_ml BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308",
            name=op.f("ck_suspension_u_volume_ml_finite"),
        ),
        sa.CheckConstraint(
            "volume_ml BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308",
            name=op.f("ck_suspension_volume_ml_finite"),
        ),
        sa.ForeignKeyConstraint(["change_id"], ["change.id"], name=op.f("fk_suspension_change_id")),
        sa.ForeignKeyConstraint(["sample_id"], ["sample.id"], name=op.f("fk_suspension_sample_id")),
        sa.ForeignKeyConstraint(["supersedes_id"], ["suspension.id"], name=op.f("fk_suspension_supersedes_id")),
        sa.ForeignKeyConstraint(["void_change_id"], ["change.id"], name=op.f("fk_suspension_void_change_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suspension")),
    )
    with op.batch_alter_table("suspension", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_suspension_change_id"), ["change_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_suspension_sample_id"), ["sample_id"], unique=False)
        batch_op.create_index(
            "ux_current_suspension_sample_id",
            ["sample_id"],
            unique=True,
            sqlite_where=sa.text("void_change_id IS NULL"),
            postgresql_where=sa.text("void_change_id IS NULL"),
        )
        batch_op.create_index("ux_suspension_supersedes_id", ["supersedes_id"], unique=True)

    op.create_table(
        "verdict",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("change_id", sa.Uuid(), nullable=False),
        sa.Column("supersedes_id", sa.Uuid(), nullable=True),
        sa.Column("void_change_id", sa.Uuid(), nullable=True),
        sa.Column("origin", sa.String(length=40), nullable=False),
        sa.Column("origin_note", sa.Text(), nullable=True),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("sample_id", sa.Uuid(), nullable=True),
        sa.Column("measurand", sa.String(), nullable=False),
        sa.Column("limit_id", sa.String(length=80), nullable=False),
        sa.Column("limit_digest", sa.String(), nullable=False),
        sa.Column("limit_content", sa.Text(), nullable=False),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("wording", sa.String(), nullable=False),
        sa.Column("value", sa.Float(), nullable=True),
        sa.Column("unit", sa.String(), nullable=True),
        sa.Column("kind", sa.String(), nullable=True),
        sa.Column("u", sa.Float(), nullable=True),
        sa.Column("censoring", sa.String(length=40), nullable=False),
        sa.Column("threshold_meaning", sa.String(length=40), nullable=True),
        sa.Column("n", sa.Integer(), nullable=True),
        sa.Column("guard", sa.Float(), nullable=True),
        sa.Column("margin", sa.Float(), nullable=True),
        sa.Column("effective_bound", sa.Float(), nullable=True),
        sa.Column("u_that_would_decide", sa.Float(), nullable=True),
        sa.Column("p_conform", sa.Float(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("next_step", sa.Text(), nullable=True),
        sa.Column("assumption", sa.Text(), nullable=True),
        sa.CheckConstraint("censoring IN ('none', 'below', 'above')", name=op.f("ck_verdict_censoring_known")),
        sa.CheckConstraint(
            "origin IN ('measured', 'computed', 'transcribed', 'synthetic')", name=op.f("ck_verdict_origin_known")
        ),
        sa.CheckConstraint(
            "outcome IN ('pass', 'fail', 'inconclusive', 'not_assessed')", name=op.f("ck_verdict_outcome_known")
        ),
        sa.CheckConstraint(
            "threshold_meaning IN ('below_LC', 'below_LD', 'below_LQ', 'not_stated')",
            name=op.f("ck_verdict_threshold_meaning_known"),
        ),
        sa.CheckConstraint(
            "effective_bound BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308",
            name=op.f("ck_verdict_effective_bound_finite"),
        ),
        sa.CheckConstraint(
            "guard BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308", name=op.f("ck_verdict_guard_finite")
        ),
        sa.CheckConstraint(
            "margin BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308", name=op.f("ck_verdict_margin_finite")
        ),
        sa.CheckConstraint(
            "p_conform BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308",
            name=op.f("ck_verdict_p_conform_finite"),
        ),
        sa.CheckConstraint(
            "u BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308", name=op.f("ck_verdict_u_finite")
        ),
        sa.CheckConstraint(
            "u_that_would_decide BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308",
            name=op.f("ck_verdict_u_that_would_decide_finite"),
        ),
        sa.CheckConstraint(
            "value BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308", name=op.f("ck_verdict_value_finite")
        ),
        sa.ForeignKeyConstraint(["change_id"], ["change.id"], name=op.f("fk_verdict_change_id")),
        sa.ForeignKeyConstraint(["sample_id"], ["sample.id"], name=op.f("fk_verdict_sample_id")),
        sa.ForeignKeyConstraint(["supersedes_id"], ["verdict.id"], name=op.f("fk_verdict_supersedes_id")),
        sa.ForeignKeyConstraint(["void_change_id"], ["change.id"], name=op.f("fk_verdict_void_change_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verdict")),
    )
    with op.batch_alter_table("verdict", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_verdict_change_id"), ["change_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_verdict_limit_id"), ["limit_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_verdict_subject"), ["subject"], unique=False)
        batch_op.create_index(
            "ux_current_verdict_code",
            ["code"],
            unique=True,
            sqlite_where=sa.text("void_change_id IS NULL"),
            postgresql_where=sa.text("void_change_id IS NULL"),
        )
        batch_op.create_index("ux_verdict_supersedes_id", ["supersedes_id"], unique=True)

    op.create_table(
        "beam_segment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("change_id", sa.Uuid(), nullable=False),
        sa.Column("supersedes_id", sa.Uuid(), nullable=True),
        sa.Column("void_change_id", sa.Uuid(), nullable=True),
        sa.Column("origin", sa.String(length=40), nullable=False),
        sa.Column("origin_note", sa.Text(), nullable=True),
        sa.Column("irradiation_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("start_s", sa.Float(), nullable=False),
        sa.Column("stop_s", sa.Float(), nullable=True),
        sa.Column("beam_on", sa.Boolean(), nullable=False),
        sa.Column("dose_rate_gy_per_s", sa.Float(), nullable=False),
        sa.Column("u_dose_rate_gy_per_s", sa.Float(), nullable=True),
        sa.Column("calibration_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "origin IN ('measured', 'computed', 'transcribed', 'synthetic')", name=op.f("ck_beam_segment_origin_known")
        ),
        sa.CheckConstraint(
            "dose_rate_gy_per_s BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308",
            name=op.f("ck_beam_segment_dose_rate_gy_per_s_finite"),
        ),
        sa.CheckConstraint(
            "start_s BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308",
            name=op.f("ck_beam_segment_start_s_finite"),
        ),
        sa.CheckConstraint(
            "stop_s BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308",
            name=op.f("ck_beam_segment_stop_s_finite"),
        ),
        sa.CheckConstraint(
            "u_dose_rate_gy_per_s BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308",
            name=op.f("ck_beam_segment_u_dose_rate_gy_per_s_finite"),
        ),
        sa.ForeignKeyConstraint(["calibration_id"], ["calibration.id"], name=op.f("fk_beam_segment_calibration_id")),
        sa.ForeignKeyConstraint(["change_id"], ["change.id"], name=op.f("fk_beam_segment_change_id")),
        sa.ForeignKeyConstraint(["irradiation_id"], ["irradiation.id"], name=op.f("fk_beam_segment_irradiation_id")),
        sa.ForeignKeyConstraint(["supersedes_id"], ["beam_segment.id"], name=op.f("fk_beam_segment_supersedes_id")),
        sa.ForeignKeyConstraint(["void_change_id"], ["change.id"], name=op.f("fk_beam_segment_void_change_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_beam_segment")),
    )
    with op.batch_alter_table("beam_segment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_beam_segment_change_id"), ["change_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_beam_segment_irradiation_id"), ["irradiation_id"], unique=False)
        batch_op.create_index("ux_beam_segment_supersedes_id", ["supersedes_id"], unique=True)
        batch_op.create_index(
            "ux_current_beam_segment_irradiation_id_seq",
            ["irradiation_id", "seq"],
            unique=True,
            sqlite_where=sa.text("void_change_id IS NULL"),
            postgresql_where=sa.text("void_change_id IS NULL"),
        )

    op.create_table(
        "measurement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("change_id", sa.Uuid(), nullable=False),
        sa.Column("supersedes_id", sa.Uuid(), nullable=True),
        sa.Column("void_change_id", sa.Uuid(), nullable=True),
        sa.Column("origin", sa.String(length=40), nullable=False),
        sa.Column("origin_note", sa.Text(), nullable=True),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("sample_id", sa.Uuid(), nullable=False),
        sa.Column("method_id", sa.Uuid(), nullable=True),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.Column("instrument_id", sa.Uuid(), nullable=True),
        sa.Column("operator", sa.String(), nullable=True),
        sa.Column("measured_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("measured_at_offset_min", sa.Integer(), nullable=True),
        sa.Column("condition_id", sa.Uuid(), nullable=True),
        sa.Column("study_id", sa.Uuid(), nullable=True),
        sa.Column("age_d", sa.Float(), nullable=True),
        sa.Column("vial", sa.String(), nullable=True),
        sa.Column("replicate", sa.Integer(), nullable=False),
        sa.Column("raw_file_id", sa.Uuid(), nullable=True),
        sa.Column("place", sa.String(), nullable=True),
        sa.CheckConstraint(
            "origin IN ('measured', 'computed', 'transcribed', 'synthetic')", name=op.f("ck_measurement_origin_known")
        ),
        sa.CheckConstraint(
            "age_d BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308",
            name=op.f("ck_measurement_age_d_finite"),
        ),
        sa.ForeignKeyConstraint(["change_id"], ["change.id"], name=op.f("fk_measurement_change_id")),
        sa.ForeignKeyConstraint(["condition_id"], ["condition.id"], name=op.f("fk_measurement_condition_id")),
        sa.ForeignKeyConstraint(["instrument_id"], ["instrument.id"], name=op.f("fk_measurement_instrument_id")),
        sa.ForeignKeyConstraint(["method_id"], ["method.id"], name=op.f("fk_measurement_method_id")),
        sa.ForeignKeyConstraint(["raw_file_id"], ["raw_file.id"], name=op.f("fk_measurement_raw_file_id")),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_measurement_run_id")),
        sa.ForeignKeyConstraint(["sample_id"], ["sample.id"], name=op.f("fk_measurement_sample_id")),
        sa.ForeignKeyConstraint(["study_id"], ["study.id"], name=op.f("fk_measurement_study_id")),
        sa.ForeignKeyConstraint(["supersedes_id"], ["measurement.id"], name=op.f("fk_measurement_supersedes_id")),
        sa.ForeignKeyConstraint(["void_change_id"], ["change.id"], name=op.f("fk_measurement_void_change_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_measurement")),
    )
    with op.batch_alter_table("measurement", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_measurement_change_id"), ["change_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_measurement_raw_file_id"), ["raw_file_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_measurement_run_id"), ["run_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_measurement_sample_id"), ["sample_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_measurement_study_id"), ["study_id"], unique=False)
        batch_op.create_index(
            "ux_current_measurement_code",
            ["code"],
            unique=True,
            sqlite_where=sa.text("void_change_id IS NULL"),
            postgresql_where=sa.text("void_change_id IS NULL"),
        )
        batch_op.create_index("ux_measurement_supersedes_id", ["supersedes_id"], unique=True)

    op.create_table(
        "planned_pull",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("change_id", sa.Uuid(), nullable=False),
        sa.Column("study_id", sa.Uuid(), nullable=False),
        sa.Column("age_d", sa.Float(), nullable=False),
        sa.CheckConstraint(
            "age_d BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308",
            name=op.f("ck_planned_pull_age_d_finite"),
        ),
        sa.ForeignKeyConstraint(["change_id"], ["change.id"], name=op.f("fk_planned_pull_change_id")),
        sa.ForeignKeyConstraint(["study_id"], ["study.id"], name=op.f("fk_planned_pull_study_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_planned_pull")),
    )
    with op.batch_alter_table("planned_pull", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_planned_pull_change_id"), ["change_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_planned_pull_study_id"), ["study_id"], unique=False)

    op.create_table(
        "verdict_input",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("change_id", sa.Uuid(), nullable=False),
        sa.Column("verdict_id", sa.Uuid(), nullable=False),
        sa.Column("table_name", sa.String(length=63), nullable=False),
        sa.Column("row_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["change_id"], ["change.id"], name=op.f("fk_verdict_input_change_id")),
        sa.ForeignKeyConstraint(["verdict_id"], ["verdict.id"], name=op.f("fk_verdict_input_verdict_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verdict_input")),
    )
    with op.batch_alter_table("verdict_input", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_verdict_input_change_id"), ["change_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_verdict_input_verdict_id"), ["verdict_id"], unique=False)

    op.create_table(
        "diffraction_settings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("change_id", sa.Uuid(), nullable=False),
        sa.Column("supersedes_id", sa.Uuid(), nullable=True),
        sa.Column("void_change_id", sa.Uuid(), nullable=True),
        sa.Column("origin", sa.String(length=40), nullable=False),
        sa.Column("origin_note", sa.Text(), nullable=True),
        sa.Column("measurement_id", sa.Uuid(), nullable=False),
        sa.Column("wavelength_angstrom", sa.Float(), nullable=True),
        sa.Column("wavelength_origin", sa.String(), nullable=True),
        sa.Column("anode", sa.String(), nullable=True),
        sa.Column("tube_kv", sa.Float(), nullable=True),
        sa.Column("tube_ma", sa.Float(), nullable=True),
        sa.Column("count_time_s", sa.Float(), nullable=True),
        sa.Column("scan_axis", sa.String(), nullable=True),
        sa.CheckConstraint(
            "origin IN ('measured', 'computed', 'transcribed', 'synthetic')",
            name=op.f("ck_diffraction_settings_origin_known"),
        ),
        sa.CheckConstraint(
            "count_time_s BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308",
            name=op.f("ck_diffraction_settings_count_time_s_finite"),
        ),
        sa.CheckConstraint(
            "tube_kv BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308",
            name=op.f("ck_diffraction_settings_tube_kv_finite"),
        ),
        sa.CheckConstraint(
            "tube_ma BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308",
            name=op.f("ck_diffraction_settings_tube_ma_finite"),
        ),
        sa.CheckConstraint(
            "wavelength_angstrom BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308",
            name=op.f("ck_diffraction_settings_wavelength_angstrom_finite"),
        ),
        sa.ForeignKeyConstraint(["change_id"], ["change.id"], name=op.f("fk_diffraction_settings_change_id")),
        sa.ForeignKeyConstraint(
            ["measurement_id"], ["measurement.id"], name=op.f("fk_diffraction_settings_measurement_id")
        ),
        sa.ForeignKeyConstraint(
            ["supersedes_id"], ["diffraction_settings.id"], name=op.f("fk_diffraction_settings_supersedes_id")
        ),
        sa.ForeignKeyConstraint(["void_change_id"], ["change.id"], name=op.f("fk_diffraction_settings_void_change_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_diffraction_settings")),
    )
    with op.batch_alter_table("diffraction_settings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_diffraction_settings_change_id"), ["change_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_diffraction_settings_measurement_id"), ["measurement_id"], unique=False)
        batch_op.create_index(
            "ux_current_diffraction_settings_measurement_id",
            ["measurement_id"],
            unique=True,
            sqlite_where=sa.text("void_change_id IS NULL"),
            postgresql_where=sa.text("void_change_id IS NULL"),
        )
        batch_op.create_index("ux_diffraction_settings_supersedes_id", ["supersedes_id"], unique=True)

    op.create_table(
        "emission_settings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("change_id", sa.Uuid(), nullable=False),
        sa.Column("supersedes_id", sa.Uuid(), nullable=True),
        sa.Column("void_change_id", sa.Uuid(), nullable=True),
        sa.Column("origin", sa.String(length=40), nullable=False),
        sa.Column("origin_note", sa.Text(), nullable=True),
        sa.Column("measurement_id", sa.Uuid(), nullable=False),
        sa.Column("excitation_nm", sa.Float(), nullable=True),
        sa.Column("slit_nm", sa.Float(), nullable=True),
        sa.Column("integration_time_s", sa.Float(), nullable=True),
        sa.Column("laser_power_mw", sa.Float(), nullable=True),
        sa.Column("repeats", sa.Integer(), nullable=True),
        sa.Column("detector", sa.String(), nullable=True),
        sa.Column("corrected", sa.Boolean(), nullable=True),
        sa.CheckConstraint(
            "origin IN ('measured', 'computed', 'transcribed', 'synthetic')",
            name=op.f("ck_emission_settings_origin_known"),
        ),
        sa.CheckConstraint(
            "excitation_nm BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308",
            name=op.f("ck_emission_settings_excitation_nm_finite"),
        ),
        sa.CheckConstraint(
            "integration_time_s BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308",
            name=op.f("ck_emission_settings_integration_time_s_finite"),
        ),
        sa.CheckConstraint(
            "laser_power_mw BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308",
            name=op.f("ck_emission_settings_laser_power_mw_finite"),
        ),
        sa.CheckConstraint(
            "slit_nm BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308",
            name=op.f("ck_emission_settings_slit_nm_finite"),
        ),
        sa.ForeignKeyConstraint(["change_id"], ["change.id"], name=op.f("fk_emission_settings_change_id")),
        sa.ForeignKeyConstraint(
            ["measurement_id"], ["measurement.id"], name=op.f("fk_emission_settings_measurement_id")
        ),
        sa.ForeignKeyConstraint(
            ["supersedes_id"], ["emission_settings.id"], name=op.f("fk_emission_settings_supersedes_id")
        ),
        sa.ForeignKeyConstraint(["void_change_id"], ["change.id"], name=op.f("fk_emission_settings_void_change_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_emission_settings")),
    )
    with op.batch_alter_table("emission_settings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_emission_settings_change_id"), ["change_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_emission_settings_measurement_id"), ["measurement_id"], unique=False)
        batch_op.create_index(
            "ux_current_emission_settings_measurement_id",
            ["measurement_id"],
            unique=True,
            sqlite_where=sa.text("void_change_id IS NULL"),
            postgresql_where=sa.text("void_change_id IS NULL"),
        )
        batch_op.create_index("ux_emission_settings_supersedes_id", ["supersedes_id"], unique=True)

    op.create_table(
        "icp_reading",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("change_id", sa.Uuid(), nullable=False),
        sa.Column("supersedes_id", sa.Uuid(), nullable=True),
        sa.Column("void_change_id", sa.Uuid(), nullable=True),
        sa.Column("origin", sa.String(length=40), nullable=False),
        sa.Column("origin_note", sa.Text(), nullable=True),
        sa.Column("measurement_id", sa.Uuid(), nullable=False),
        sa.Column("leach_test_id", sa.Uuid(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("instrument_reading_ug_per_l", sa.Float(), nullable=True),
        sa.Column("blank_corrected", sa.String(length=40), nullable=False),
        sa.Column("dilution", sa.Float(), nullable=False),
        sa.Column("volume_before_pull_ml", sa.Float(), nullable=True),
        sa.Column("pulled_volume_ml", sa.Float(), nullable=True),
        sa.Column("medium_renewed", sa.Boolean(), nullable=True),
        sa.CheckConstraint(
            "blank_corrected IN ('yes', 'no', 'not_stated')", name=op.f("ck_icp_reading_blank_corrected_known")
        ),
        sa.CheckConstraint(
            "origin IN ('measured', 'computed', 'transcribed', 'synthetic')", name=op.f("ck_icp_reading_origin_known")
        ),
        sa.CheckConstraint(
            "dilution BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308",
            name=op.f("ck_icp_reading_dilution_finite"),
        ),
        sa.CheckConstraint(
            "instrument_reading_ug_per_l BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308",
            name=op.f("ck_icp_reading_instrument_reading_ug_per_l_finite"),
        ),
        sa.CheckConstraint(
            "pulled_volume_ml BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308",
            name=op.f("ck_icp_reading_pulled_volume_ml_finite"),
        ),
        sa.CheckConstraint(
            "volume_before_pull_ml BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308",
            name=op.f("ck_icp_reading_volume_before_pull_ml_finite"),
        ),
        sa.ForeignKeyConstraint(["change_id"], ["change.id"], name=op.f("fk_icp_reading_change_id")),
        sa.ForeignKeyConstraint(["leach_test_id"], ["leach_test.id"], name=op.f("fk_icp_reading_leach_test_id")),
        sa.ForeignKeyConstraint(["measurement_id"], ["measurement.id"], name=op.f("fk_icp_reading_measurement_id")),
        sa.ForeignKeyConstraint(["supersedes_id"], ["icp_reading.id"], name=op.f("fk_icp_reading_supersedes_id")),
        sa.ForeignKeyConstraint(["void_change_id"], ["change.id"], name=op.f("fk_icp_reading_void_change_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_icp_reading")),
    )
    with op.batch_alter_table("icp_reading", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_icp_reading_change_id"), ["change_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_icp_reading_leach_test_id"), ["leach_test_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_icp_reading_measurement_id"), ["measurement_id"], unique=False)
        batch_op.create_index(
            "ux_current_icp_reading_measurement_id",
            ["measurement_id"],
            unique=True,
            sqlite_where=sa.text("void_change_id IS NULL"),
            postgresql_where=sa.text("void_change_id IS NULL"),
        )
        batch_op.create_index("ux_icp_reading_supersedes_id", ["supersedes_id"], unique=True)

    op.create_table(
        "parameter",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("change_id", sa.Uuid(), nullable=False),
        sa.Column("measurement_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("u", sa.Float(), nullable=True),
        sa.CheckConstraint(
            "u BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308", name=op.f("ck_parameter_u_finite")
        ),
        sa.CheckConstraint(
            "value BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308", name=op.f("ck_parameter_value_finite")
        ),
        sa.ForeignKeyConstraint(["change_id"], ["change.id"], name=op.f("fk_parameter_change_id")),
        sa.ForeignKeyConstraint(["measurement_id"], ["measurement.id"], name=op.f("fk_parameter_measurement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parameter")),
    )
    with op.batch_alter_table("parameter", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_parameter_change_id"), ["change_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_parameter_measurement_id"), ["measurement_id"], unique=False)

    op.create_table(
        "pull",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("change_id", sa.Uuid(), nullable=False),
        sa.Column("supersedes_id", sa.Uuid(), nullable=True),
        sa.Column("void_change_id", sa.Uuid(), nullable=True),
        sa.Column("origin", sa.String(length=40), nullable=False),
        sa.Column("origin_note", sa.Text(), nullable=True),
        sa.Column("planned_pull_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("pulled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("vial", sa.String(), nullable=True),
        sa.CheckConstraint(
            "origin IN ('measured', 'computed', 'transcribed', 'synthetic')", name=op.f("ck_pull_origin_known")
        ),
        sa.CheckConstraint("state IN ('recorded', 'missed')", name=op.f("ck_pull_state_known")),
        sa.ForeignKeyConstraint(["change_id"], ["change.id"], name=op.f("fk_pull_change_id")),
        sa.ForeignKeyConstraint(["planned_pull_id"], ["planned_pull.id"], name=op.f("fk_pull_planned_pull_id")),
        sa.ForeignKeyConstraint(["supersedes_id"], ["pull.id"], name=op.f("fk_pull_supersedes_id")),
        sa.ForeignKeyConstraint(["void_change_id"], ["change.id"], name=op.f("fk_pull_void_change_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pull")),
    )
    with op.batch_alter_table("pull", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pull_change_id"), ["change_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_pull_planned_pull_id"), ["planned_pull_id"], unique=False)
        batch_op.create_index(
            "ux_current_pull_planned_pull_id",
            ["planned_pull_id"],
            unique=True,
            sqlite_where=sa.text("void_change_id IS NULL"),
            postgresql_where=sa.text("void_change_id IS NULL"),
        )
        batch_op.create_index("ux_pull_supersedes_id", ["supersedes_id"], unique=True)

    op.create_table(
        "radioluminescence_reading",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("change_id", sa.Uuid(), nullable=False),
        sa.Column("supersedes_id", sa.Uuid(), nullable=True),
        sa.Column("void_change_id", sa.Uuid(), nullable=True),
        sa.Column("origin", sa.String(length=40), nullable=False),
        sa.Column("origin_note", sa.Text(), nullable=True),
        sa.Column("measurement_id", sa.Uuid(), nullable=False),
        sa.Column("irradiation_id", sa.Uuid(), nullable=False),
        sa.Column("moment", sa.String(length=40), nullable=False),
        sa.CheckConstraint("moment IN ('before', 'after')", name=op.f("ck_radioluminescence_reading_moment_known")),
        sa.CheckConstraint(
            "origin IN ('measured', 'computed', 'transcribed', 'synthetic')",
            name=op.f("ck_radioluminescence_reading_origin_known"),
        ),
        sa.ForeignKeyConstraint(["change_id"], ["change.id"], name=op.f("fk_radioluminescence_reading_change_id")),
        sa.ForeignKeyConstraint(
            ["irradiation_id"], ["irradiation.id"], name=op.f("fk_radioluminescence_reading_irradiation_id")
        ),
        sa.ForeignKeyConstraint(
            ["measurement_id"], ["measurement.id"], name=op.f("fk_radioluminescence_reading_measurement_id")
        ),
        sa.ForeignKeyConstraint(
            ["supersedes_id"], ["radioluminescence_reading.id"], name=op.f("fk_radioluminescence_reading_supersedes_id")
        ),
        sa.ForeignKeyConstraint(
            ["void_change_id"], ["change.id"], name=op.f("fk_radioluminescence_reading_void_change_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_radioluminescence_reading")),
    )
    with op.batch_alter_table("radioluminescence_reading", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_radioluminescence_reading_change_id"), ["change_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_radioluminescence_reading_irradiation_id"), ["irradiation_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_radioluminescence_reading_measurement_id"), ["measurement_id"], unique=False
        )
        batch_op.create_index(
            "ux_current_radioluminescence_reading_measurement_id",
            ["measurement_id"],
            unique=True,
            sqlite_where=sa.text("void_change_id IS NULL"),
            postgresql_where=sa.text("void_change_id IS NULL"),
        )
        batch_op.create_index("ux_radioluminescence_reading_supersedes_id", ["supersedes_id"], unique=True)

    op.create_table(
        "result",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("change_id", sa.Uuid(), nullable=False),
        sa.Column("supersedes_id", sa.Uuid(), nullable=True),
        sa.Column("void_change_id", sa.Uuid(), nullable=True),
        sa.Column("origin", sa.String(length=40), nullable=False),
        sa.Column("origin_note", sa.Text(), nullable=True),
        sa.Column("measurement_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("value", sa.Float(), nullable=True),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("u", sa.Float(), nullable=True),
        sa.Column("u_origin", sa.String(length=40), nullable=True),
        sa.Column("censoring", sa.String(length=40), nullable=False),
        sa.Column("threshold_meaning", sa.String(length=40), nullable=True),
        sa.Column("n", sa.Integer(), nullable=True),
        sa.Column("as_entered", sa.String(), nullable=True),
        sa.Column("missing_reason", sa.String(), nullable=True),
        sa.CheckConstraint("censoring = 'none' OR value IS NOT NULL", name=op.f("ck_result_censored_has_threshold")),
        sa.CheckConstraint("censoring IN ('none', 'below', 'above')", name=op.f("ck_result_censoring_known")),
        sa.CheckConstraint(
            "origin IN ('measured', 'computed', 'transcribed', 'synthetic')", name=op.f("ck_result_origin_known")
        ),
        sa.CheckConstraint(
            "threshold_meaning IN ('below_LC', 'below_LD', 'below_LQ', 'not_stated')",
            name=op.f("ck_result_threshold_meaning_known"),
        ),
        sa.CheckConstraint(
            "u_origin IN ('stated', 'coverage_not_stated', 'from_method', 'computed', 'exact')",
            name=op.f("ck_result_u_origin_known"),
        ),
        sa.CheckConstraint("(value IS NULL) <> (missing_reason IS NULL)", name=op.f("ck_result_value_or_reason")),
        sa.CheckConstraint(
            "u BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308", name=op.f("ck_result_u_finite")
        ),
        sa.CheckConstraint(
            "value BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308", name=op.f("ck_result_value_finite")
        ),
        sa.ForeignKeyConstraint(["change_id"], ["change.id"], name=op.f("fk_result_change_id")),
        sa.ForeignKeyConstraint(["measurement_id"], ["measurement.id"], name=op.f("fk_result_measurement_id")),
        sa.ForeignKeyConstraint(["supersedes_id"], ["result.id"], name=op.f("fk_result_supersedes_id")),
        sa.ForeignKeyConstraint(["void_change_id"], ["change.id"], name=op.f("fk_result_void_change_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_result")),
    )
    with op.batch_alter_table("result", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_result_change_id"), ["change_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_result_kind"), ["kind"], unique=False)
        batch_op.create_index(batch_op.f("ix_result_measurement_id"), ["measurement_id"], unique=False)
        batch_op.create_index(
            "ux_current_result_measurement_id_kind",
            ["measurement_id", "kind"],
            unique=True,
            sqlite_where=sa.text("void_change_id IS NULL"),
            postgresql_where=sa.text("void_change_id IS NULL"),
        )
        batch_op.create_index("ux_result_supersedes_id", ["supersedes_id"], unique=True)

    op.create_table(
        "trace",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("change_id", sa.Uuid(), nullable=False),
        sa.Column("supersedes_id", sa.Uuid(), nullable=True),
        sa.Column("void_change_id", sa.Uuid(), nullable=True),
        sa.Column("origin", sa.String(length=40), nullable=False),
        sa.Column("origin_note", sa.Text(), nullable=True),
        sa.Column("measurement_id", sa.Uuid(), nullable=False),
        sa.Column("x_kind", sa.String(), nullable=False),
        sa.Column("x_unit", sa.String(), nullable=False),
        sa.Column("y_kind", sa.String(), nullable=False),
        sa.Column("y_unit", sa.String(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("x", sa.LargeBinary(), nullable=False),
        sa.Column("y", sa.LargeBinary(), nullable=False),
        sa.Column("u", sa.LargeBinary(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "origin IN ('measured', 'computed', 'transcribed', 'synthetic')", name=op.f("ck_trace_origin_known")
        ),
        sa.CheckConstraint(
            "length(x) = 8 * points AND length(y) = 8 * points", name=op.f("ck_trace_arrays_have_points")
        ),
        sa.ForeignKeyConstraint(["change_id"], ["change.id"], name=op.f("fk_trace_change_id")),
        sa.ForeignKeyConstraint(["measurement_id"], ["measurement.id"], name=op.f("fk_trace_measurement_id")),
        sa.ForeignKeyConstraint(["supersedes_id"], ["trace.id"], name=op.f("fk_trace_supersedes_id")),
        sa.ForeignKeyConstraint(["void_change_id"], ["change.id"], name=op.f("fk_trace_void_change_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trace")),
    )
    with op.batch_alter_table("trace", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_trace_change_id"), ["change_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_trace_measurement_id"), ["measurement_id"], unique=False)
        batch_op.create_index("ux_trace_supersedes_id", ["supersedes_id"], unique=True)


def downgrade() -> None:
    """Nothing to go back to: there is no schema before the first."""
    raise NotImplementedError(
        "20261122_the_spine is the first schema: there is none before it to go back to. "
        "To go back to an older state of the record, restore a backup of the database."
    )
