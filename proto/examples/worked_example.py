#!/usr/bin/env python3
"""The bytes of one call, for proto/README.md and for Tests/WireTests/GoldenBytesTests.swift: made by Python's protobuf,
so that Tocsin's own codec is held against somebody else's."""
import uuid

from publish import common, crc32c, intake, request, rpc

event = intake.Event(
    action=intake.ACTION_TRIGGER, source="prometheus", dedup_key="disk/db-1", severity=common.SEVERITY_SEV2,
    summary="größer als 90 %", service="payments-api", labels=[common.Label(name="host", value="db-1")],
    occurred_at_ms=1_790_000_000_123)
key = uuid.UUID("01a0c450-6c7b-7000-8000-000000000001").bytes
payload = event.SerializeToString()
header, _ = request("/tocsin.intake.v1.Intake/Publish", payload, 0x0102030405060708, 10_000, key)
reply = intake.PublishReply(alert_id="2f-1k", disposition=intake.DISPOSITION_OPENED, count=1).SerializeToString()
end = rpc.Header(
    version=1, kind=rpc.KIND_END, call_id=0x0102030405060708, server_epoch=3, payload_crc32c=crc32c(reply))

for name, frame in [("request header", header), ("request payload", payload), ("end header", end.SerializeToString()),
                    ("end payload", reply)]:
    print(f"{name} ({len(frame)} bytes)\n  " + frame.hex(" ", 1))
