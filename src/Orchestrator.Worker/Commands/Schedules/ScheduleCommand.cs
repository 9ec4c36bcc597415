using System.CommandLine;
using Orchestrator.Worker.Commands.Backfills;

namespace Orchestrator.Worker.Commands.Schedules;

/// <summary><c>orchestrator schedule</c>: what is due, what was due, and how to change it.</summary>
internal static class ScheduleCommand
{
    public static Command Create(CommonOptions common, CommandContext around)
    {
        var verb = new Verb("schedule", "List schedules, show their due times and what happened at them.")
        {
            Examples =
            [
                ("orchestrator schedule list", "every schedule with its next due time"),
                ("orchestrator schedule next nightly --count 5", "the next five due times of a workflow"),
                ("orchestrator schedule calendar --week", "the next seven days at a glance"),
                ("orchestrator schedule simulate --next 24h", "what will overlap, wait or be skipped"),
                ("orchestrator schedule history nightly/two", "what happened at each due time"),
                ("orchestrator schedule backfill nightly/two --from 2026-01-01 --to 2026-01-31", "a run for each due time of January"),
                ("orchestrator schedule pause nightly/two --until 2h --reason 'disk full'", "nothing starts for two hours"),
            ],
        };
        verb.Subcommands.Add(ScheduleListCommand.Create(common, around));
        verb.Subcommands.Add(ScheduleNextCommand.Create(common, around));
        verb.Subcommands.Add(ScheduleCalendarCommand.Create(common, around));
        verb.Subcommands.Add(ScheduleSimulateCommand.Create(common, around));
        verb.Subcommands.Add(ScheduleHistoryCommand.Create(common, around));
        verb.Subcommands.Add(BackfillCommand.Create(common, around));
        verb.Subcommands.Add(SchedulePauseCommand.Pause(common, around));
        verb.Subcommands.Add(SchedulePauseCommand.Resume(common, around));
        verb.Subcommands.Add(ScheduleRunNowCommand.Create(common, around));
        return verb;
    }
}
