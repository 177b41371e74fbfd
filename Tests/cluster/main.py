"""Runs the cluster tests: main.py BINARIES [--long] [NAME…]. --long adds the campaigns; so does a name."""
import multiprocessing
import os
import signal
import sys
import tempfile
import time
import traceback

import accounting
import alarms
import answers
import audit
import backups
import browsing
import channels
import doors
import drains
import edge
import egress
import endurance
import fixtures
import flood
import fulldisk
import injection
import intakes
import keys
import limits
import logs
import misuse
import monitoring
import noticeboard
import outages
import pages
import preparing
import proxy
import reaching
import receipts
import records
import rotating
import sealing
import sessions
import tests
import troubles
import underway
import uninvited
import upgrades
import watching
from cluster import Ports

SUITES = [accounting, fixtures, tests, endurance, watching, channels, alarms, monitoring, answers, receipts, troubles, limits, sealing,
          doors, keys, rotating, audit, uninvited, flood, underway, injection, backups, drains, outages, fulldisk, logs, records, reaching,
          intakes, upgrades, edge, misuse, egress, preparing, noticeboard, pages, sessions, proxy, browsing]
CAMPAIGNS = [test for suite in SUITES for test in getattr(suite, "LONG", [])]
# These mostly wait for the tiers' clock and measure nothing under a second: lanes of their own take one after the other, beside the
# rest. The longest first, so that the lanes end together.
WAITING = [
    watching.what_does_not_get_through_is_noticed_by_the_watch, outages.cut_off_from_each_other_nothing_is_lost,
    backups.a_tier_whose_disk_is_gone_is_restored_under_load, backups.a_backup_that_is_cut_short_leaves_the_earlier_one,
    tests.deaths.killed_at_any_time_nothing_is_lost,
    limits.a_hundred_incidents_for_one_person_are_few_messages_and_none_is_lost, tests.deaths.tiers_that_are_down_lose_nothing,
    troubles.trouble_of_every_kind_costs_one_repeat_at_most, receipts.what_becomes_of_a_page_is_known,
    receipts.killed_around_a_text_it_comes_once, tests.a_tier_that_dies_comes_back_by_itself,
    records.what_ended_a_day_ago_leaves_history,
    fulldisk.full_disks_take_answers_longest, noticeboard.the_status_page_shows_what_was_written_for_it_and_nothing_else,
    records.what_happened_in_a_time_is_exported, sealing.addresses_are_on_no_disk_and_in_no_log,
    injection.what_anybody_says_stays_words, egress.no_address_leads_the_notifier_inwards,
    outages.hung_tiers_lose_nothing, tests.cli.an_operator_finds_the_way_and_every_answer,
    tests.cli.every_command_explains_itself_on_a_narrow_terminal, endurance.two_messages_that_end_the_process_in_turn_are_both_set_aside,
    tests.losses.a_loss_is_noticed_accepted_and_made_good, tests.a_phone_rings_for_what_it_is_kept_for,
    answers.an_answer_waits_for_the_escalator, watching.a_proxy_is_not_asked_for_the_loopback_of_another_machine,
    keys.a_gateway_reaches_tiers_whose_keys_were_rotated, rotating.the_key_of_the_pages_is_rotated_and_nobody_notices,
    rotating.a_tier_whose_own_key_is_over_says_so_and_goes_on, noticeboard.a_calendar_subscribes_by_a_secret_address,
    intakes.one_alert_at_two_intakes_is_one_incident, fixtures.the_fixtures_are_what_the_providers_own_clients_expect,
    watching.a_tier_that_does_not_serve_is_lost_too, watching.a_lost_tier_pages_and_is_over_when_it_is_back,
    sessions.who_signs_out_ends_that_session_and_no_other,
    limits.each_incident_of_a_digest_is_answered_by_its_own_button, edge.alertmanager_and_prometheus_point_at_the_gateway_unchanged,
    edge.a_webhook_of_more_than_its_source_may_send_gets_through_in_parts, outages.away_for_an_hour_each_incident_pages_once,
    edge.what_prometheus_tells_no_more_ends_by_itself, fixtures.the_mail_server_and_the_receiver_are_what_strangers_expect,
    sessions.a_guessed_or_hurried_code_opens_nothing, pages.somebody_signs_in_by_a_code_and_acts_as_themselves,
    pages.a_link_of_a_page_lands_at_the_gateway, pages.news_come_by_themselves,
    sessions.a_proxy_says_who_somebody_is, doors.nobody_without_a_valid_key_reaches_a_handler,
]
LANES = 2
# How a test begins its words that lacks what it needs, and what is said of one that failed.
LEFT_OUT, FAILED = "LEFT OUT", "FAIL"
# How long a test may take, in seconds: what waits for ever is a test that has failed, with its name and where it stood.
LIMIT = 600


class TookTooLong(BaseException):
    """Raised where a test stands when its time is over, and again while what it leaves behind doesn't end."""


def limited(test, binaries):
    """A test's own words. One that doesn't end is interrupted; if its clean-up doesn't end either, so is its lane."""
    interruptions = 0

    def interrupt(*_):
        nonlocal interruptions
        interruptions += 1
        if interruptions > 3:
            traceback.print_stack()
            os._exit(70)
        raise TookTooLong(f"more than {LIMIT} s")

    signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 0 if test in CAMPAIGNS else LIMIT, 30)
    try:
        return test(binaries)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def outcome(test, binaries, failures):
    began = time.monotonic()
    try:
        said = limited(test, binaries)
        mark = LEFT_OUT if (said or "").startswith(LEFT_OUT) else "ok  "
        print(f"{mark} {test.__name__} ({time.monotonic() - began:.1f} s){': ' + said if said else ''}", flush=True)
        return mark
    except (Exception, TookTooLong):
        words = f"{FAILED} {test.__name__} ({time.monotonic() - began:.1f} s)\n{traceback.format_exc()}"
        print(words, end="", flush=True)
        failures.write(words)
        failures.flush()
        return FAILED


def main(binaries, *rest):
    named = [name for name in rest if not name.startswith("--")]
    every = [test for suite in SUITES for test in suite.ALL]
    if "--long" in rest or named:
        every += CAMPAIGNS
    waiting = [] if named else WAITING
    chosen = [test for test in every if any(name in test.__name__ for name in named)] if named else every
    context = multiprocessing.get_context("fork")
    taken, failed, left = context.Value("i", 0), context.Value("i", 0), context.Value("i", 0)
    # What failed is said once more at the end: a log that is cut in the middle names it still.
    with tempfile.TemporaryFile("w+") as failures:
        def run(tests):
            results = [outcome(test, binaries, failures) for test in tests]
            for value, mark in [(failed, FAILED), (left, LEFT_OUT)]:
                with value:
                    value.value += results.count(mark)

        def lane(number):
            Ports.of_lane(number)
            run(take(waiting, taken))

        lanes = [context.Process(target=lane, args=[1 + number]) for number in range(LANES if waiting else 0)]
        for one in lanes:
            one.start()
        run([test for test in chosen if test not in waiting])
        run(take(waiting, taken))
        for one in lanes:
            one.join()
        whole = all(one.exitcode == 0 for one in lanes)
        failures.seek(0)
        print(failures.read(), end="")
    count = len(set(chosen) | set(waiting))
    print(f"cluster: {count - failed.value - left.value} passed, {failed.value} failed"
          + (f", {left.value} left out" if left.value else "") + ("" if whole else ", and a lane ended before its tests"))
    return failed.value == 0 and count > 0 and whole


def take(tests, taken):
    """The next that no lane has taken, until there is none."""
    while True:
        with taken:
            number = taken.value
            taken.value += 1
        if number >= len(tests):
            return
        yield tests[number]


sys.exit(0 if main(*sys.argv[1:]) else 1)
