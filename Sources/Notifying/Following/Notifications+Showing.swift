import Messages

/// All that is known of one page, for whoever asks why somebody was or wasn't reached: no addresses.
extension Notifications {
  public func showPage(_ request: ShowPageRequest) throws(Refusal) -> ShowPageReply {
    let id = request.pageId
    guard let entry = ledger[id] else {
      throw .notFound(
        finished.generation(of: id) == nil
          ? "there is no page or post \"\(id)\"" : "\"\(id)\" was finished more than a day ago", field: "page_id")
    }
    let page = entry.page
    return ShowPageReply(
      pageId: id, generation: entry.generation, incidentId: entry.incidentID, person: entry.person, about: about(entry),
      because: page?.because ?? "", pagedAt: entry.decidedAt, wanted: entry.isWanted, remark: entry.remark,
      deliveries: entry.deliveries.indices.map { life(of: $0, entry, id) }, told: told(entry),
      refused: entry.refused)
  }

  private func life(of index: Int, _ entry: LedgerEntry, _ id: String) -> DeliveryLife {
    let delivery = entry.deliveries[index]
    let (next, nextAt) = next(delivery, entry)
    return DeliveryLife(
      delivery: entry.delivery(index, id, timetable.pacing), events: delivery.events, next: next, nextAt: nextAt)
  }

  private func about(_ entry: LedgerEntry) -> String {
    switch entry.subject {
    case .page(let page): "\(page.purpose): \(PageText.title(of: page))"
    case .post(let post): "post: \(PageText.title(of: post))"
    }
  }

  private func told(_ entry: LedgerEntry) -> [String] {
    guard entry.tellsEscalator, entry.receiptGeneration > 0 else { return [] }
    return [
      entry.owesReceipt
        ? "the escalator has not yet heard the latest" : "the escalator has heard how it fares"
    ]
  }

  /// What comes next of a delivery, and why.
  private func next(_ delivery: DeliverySnapshot, _ entry: LedgerEntry) -> (words: String, at: Instant) {
    let provider = route(of: delivery).provider
    switch delivery.state {
    case .planned where delivery.dueAt.isSet:
      return (entry.page == nil ? "sent" : "sent, if nobody has answered by then", delivery.dueAt)
    case .planned: return ("sent when those before it have failed", .unset)
    case .due: return ("\(provider) is being asked to take it", .unset)
    case .unknown where delivery.askedAt.isSet:
      return (
        "\(provider) is being asked whether it has it; otherwise sent again, as a possible repeat", delivery.dueAt
      )
    case .unknown where delivery.isOpen:
      return (
        delivery.askAt.isSet ? "looked for, or sent again as a possible repeat" : "sent again as a possible repeat",
        delivery.askAt.isSet ? delivery.askAt : delivery.dueAt
      )
    case .unknown where delivery.askAt.isSet: return ("\(provider) is asked whether it has it", delivery.askAt)
    case .retrying:
      let again = delivery.secondFrom > delivery.attempts
      return (again ? "the second provider is asked: the first failed" : "tried again", delivery.dueAt)
    case _ where delivery.askedAt.isSet: return ("\(provider) is being asked what became of it", .unset)
    case _ where delivery.askAt.isSet: return ("\(provider) is asked what became of it: no receipt yet", delivery.askAt)
    default: return ("", .unset)
    }
  }
}

extension LedgerEntry {
  fileprivate var decidedAt: Instant {
    switch subject {
    case .page(let page): page.pagedAt
    case .post(let post): post.postedAt
    }
  }

  /// One delivery as it is listed.
  func delivery(_ index: Int, _ id: String, _ pacing: Pacing) -> Delivery {
    let one = deliveries[index]
    return Delivery(
      pageId: id, incidentId: incidentID, person: person, channel: one.channel, state: one.state,
      attempts: one.attempts, dueAt: one.dueAt, changedAt: one.changedAt, words: one.words, remark: remark,
      providerId: one.providerId, digestOf: one.digestOf,
      heldUntilAt: waiting(index).flatMap { pacing.held($0) } ?? .unset)
  }
}
