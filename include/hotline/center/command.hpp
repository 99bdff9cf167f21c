// A centre as text: commands with JSON fields in, a JSON object out. What C, Python, consoles and scripts speak.
//
//   agent.sign_in {agent}   agent.sign_out {agent}   agent.ready {agent}   agent.not_ready {agent, reason?}
//   agent.wrap_up_done {agent}   agent.hang_up {agent}   agent.hold {agent}   agent.retrieve {agent}
//   agent.back_to_flow {agent}                       the caller goes back into the flow
//   agent.transfer {agent, queue | colleague | to}   and leaves the conversation
//   agent.consult {agent, to}                        the caller waits; then agent.retrieve, agent.conference {agent}, or
//   agent.hand_over {agent}                          the third party has the caller
//   agent.record_case {agent, title, text?, category?, area?, citizen_name?, kind?, urgent?}     => {number}
//   agent.search {agent, question}                   => {hits: [...]}
//   agent.similar {agent, text}                      => {hits: [...]}     tickets that were answered before
//   agent.screen {agent}                             => {citizen: {...} | null, calls: [...]}
//   supervisor.monitor {supervisor, agent, mode: listen | whisper | barge}   supervisor.stop {supervisor, agent}
//   supervisor.take_over {supervisor, agent}         who monitors has the caller; the agent wraps up
//   desks {}                                         => {agents: [{agent, state, reason, number, citizen}]}
//   queues {}                                        => {queues: [{queue, waiting, ringing, open, longest_wait}]}
//   calls {from?, until?, citizen?, limit?}          => {calls: [...]}     ended ones; times are RFC 3339
//   citizen {phone}                                  => {citizen: {...} | null}
//   poll {poll}                                      => {answers: [{question, answer, count}]}
//   call.place {to, flow, variables?: {...}}         => {call}             rings, and runs a flow of the city
//   call.visit {number}                              the return visit of a ticket
//   flow.reload {}                                   => {changed: [path, ...]}   files that changed, for running calls too
//   notice.lay {flow, id, text, texts?: {language: text}, node?, go_to? | exit?, for?}   at once; node "*": each call's start
//   notice.lift {flow, id}
//   knowledge.<verb of kb/command.hpp> {...}         => {events: [{type, ...}]}
//   ticket.<...>  timers.<...>  outbox.<...>  audit.<...>  of ticket/text_command.hpp   => {events: [...]}
#pragma once

#include <string>
#include <string_view>

#include "hotline/base/document.hpp"
#include "hotline/center/hotline.hpp"

namespace hotline::center {

// Errors: invalid_argument for an unknown verb; invalid_definition for fields that are missing, unknown or of another
// type (codes D00x); and those of the methods.
Result<std::string> apply(Hotline& hotline, std::string_view verb, const Node& fields, Time now);

// {"at":"2026-11-23T02:00:00Z","type":"call.arrived","party":"13800138000","zh":"...","en":"..."}
std::string to_json(const Notice& notice);

}  // namespace hotline::center
