import Messages

/// A page to a team's lead that somebody must be found for a shift (requirement S7): wanted until somebody is.
struct LeadPage: Hashable, Sendable {
  var made: LeadPaged
  var isWanted = true

  var generation: UInt64 { isWanted ? 1 : 2 }

  var page: Page {
    Page(
      id: made.id, generation: generation, wanted: isWanted, incidentId: made.absence, person: made.person, tier: 3,
      purpose: .duty, severity: .sev2, summary: made.text, because: made.because, pagedAt: made.pagedAt,
      openedAt: made.pagedAt, answeredBy: "tocsinctl cover assign")
  }
}
