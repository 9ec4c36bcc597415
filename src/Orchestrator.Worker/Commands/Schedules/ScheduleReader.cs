using System.Globalization;
using Orchestrator.AspNetCore.Schedules;
using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.Engine.Queries;
using Orchestrator.Worker.Commands.Definitions;
using Orchestrator.Worker.Commands.Output;
using Orchestrator.Worker.Hosting;
using Orchestrator.Worker.Local;
using Orchestrator.Worker.Options;

namespace Orchestrator.Worker.Commands.Schedules;

/// <summary>Answers questions about schedules: a `serve` that has the data directory is asked, else definitions and ledgers are read.</summary>
internal sealed class ScheduleReader(Settings settings, CommandContext around)
{
    private readonly ServeClient? _serve = ServeLock.HolderOf(settings.Store) is { } holder ? new(holder) : null;
    private IReadOnlyList<WorkflowDefinition>? _definitions;

    /// <exception cref="CommandFailure">Nothing is chosen by it.</exception>
    public async Task<IReadOnlyList<ScheduleRow>> ListAsync(ScheduleChoice choice, CancellationToken stop)
    {
        var rows = _serve is null ? Queries().List(choice)
            : [.. (await _serve.AskAsync($"/api/v1/schedules{Query(("workflow", choice.Workflow))}", ScheduleJson.Shapes.SchedulePage, stop)).Schedules.Where(s => (choice.Schedule ?? s.Schedule) == s.Schedule)];
        return rows.Count > 0 || choice.Workflow is null ? rows : throw await UnknownAsync(choice, stop);
    }

    /// <summary>Whether all schedules are paused.</summary>
    public async Task<AllSchedulesRow> AllAsync(CancellationToken stop) =>
        _serve is null ? Queries().Page(new()).All : (await _serve.AskAsync("/api/v1/schedules", ScheduleJson.Shapes.SchedulePage, stop)).All;

    /// <summary>Asks `serve` to pause or resume all schedules.</summary>
    /// <exception cref="CommandFailure">There is no `serve`, or it refuses.</exception>
    public Task<AllSchedulesRow> DoAllAsync(string action, ScheduleActionBody body, CancellationToken stop) =>
        Serve.TellAsync($"/api/v1/schedules/{action}", body, ScheduleBodies.Default.ScheduleActionBody, ScheduleJson.Shapes.AllSchedulesRow, around.UserName, stop);

    /// <exception cref="CommandFailure">Nothing is chosen by it.</exception>
    public async Task<DuePage> NextAsync(ScheduleChoice choice, int most, DateTimeOffset? until, CancellationToken stop)
    {
        if (choice.Workflow is not null) await ListAsync(choice, stop);
        return _serve is null ? Queries().Next(choice, most, until)
            : await _serve.AskAsync($"/api/v1/schedules/next{Query(("workflow", choice.Workflow), ("schedule", choice.Schedule), ("count", most.ToString(CultureInfo.InvariantCulture)), ("until", until is { } end ? JsonOut.Instant(end) : null))}", ScheduleJson.Shapes.DuePage, stop);
    }

    /// <param name="timezone">The zone whose clocks are shown; null: that of the schedules.</param>
    /// <exception cref="CommandFailure">Nothing is chosen by it, or the zone is unknown.</exception>
    public async Task<CalendarPage> CalendarAsync(ScheduleChoice choice, string? timezone, DateOnly? from, int days, CancellationToken stop)
    {
        if (choice.Workflow is not null) await ListAsync(choice, stop);
        if (_serve is not null)
            return await _serve.AskAsync(
                $"/api/v1/schedules/calendar{Query(("workflow", choice.Workflow), ("schedule", choice.Schedule), ("timezone", timezone), ("from", from is { } day ? CalendarDate.Text(day) : null), ("days", days.ToString(CultureInfo.InvariantCulture)))}",
                ScheduleJson.Shapes.CalendarPage, stop);
        var queries = Queries();
        return queries.Calendar(choice, timezone ?? queries.ZoneOf(choice), from, days, out var error) ?? throw new CommandFailure(ExitCode.Usage, error!, "Give an IANA name such as Europe/Helsinki.");
    }

    /// <exception cref="CommandFailure">Nothing is chosen by it.</exception>
    public async Task<SimulationPage> SimulateAsync(ScheduleChoice choice, DateTimeOffset from, DateTimeOffset to, int most, CancellationToken stop)
    {
        if (choice.Workflow is not null) await ListAsync(choice, stop);
        return _serve is null ? new ScheduleForecast(Queries(), settings.Store, SimulatedRange.LimitsOf(settings.Options)).Of(choice, from, to, most)
            : await _serve.AskAsync(
                $"/api/v1/schedules/simulation{Query(("workflow", choice.Workflow), ("schedule", choice.Schedule), ("from", JsonOut.Instant(from)), ("until", JsonOut.Instant(to)), ("limit", most.ToString(CultureInfo.InvariantCulture)))}",
                ScheduleJson.Shapes.SimulationPage, stop);
    }

    /// <exception cref="CommandFailure">There is no such schedule, and none of that name has been there.</exception>
    public async Task<HistoryPage> HistoryAsync(string workflow, string schedule, int most, string? cursor, CancellationToken stop)
    {
        var before = default(HistoryCursor);
        if (cursor is not null && !HistoryCursor.TryParse(cursor, out before)) throw new CommandFailure(ExitCode.Usage, $"--before cannot be '{cursor}'.", "Give the number of an entry, or what an earlier page ends with.");
        var page = _serve is null ? ScheduleHistory.Page(settings.Store.Runs, workflow, schedule, most, before)
            : await _serve.AskAsync($"/api/v1/schedules/{Uri.EscapeDataString(workflow)}/{Uri.EscapeDataString(schedule)}/history{Query(("limit", most.ToString(CultureInfo.InvariantCulture)), ("cursor", cursor))}", ScheduleJson.Shapes.HistoryPage, stop);
        if (page.Entries.Count == 0) await ListAsync(new(workflow, schedule), stop);
        return page;
    }

    /// <summary>The one schedule that a text names: of a workflow alone, its only one.</summary>
    /// <exception cref="CommandFailure">There is none, or several.</exception>
    public async Task<(string Workflow, string Schedule)> OneAsync(string target, CancellationToken stop)
    {
        var choice = ScheduleTarget.Read(target);
        if (choice.Schedule is { } named) return (choice.Workflow!, named);
        var rows = await ListAsync(choice, stop);
        return rows is [var only] ? (only.Workflow, only.Schedule)
            : throw new CommandFailure(ExitCode.Usage, $"Workflow '{choice.Workflow}' has several schedules: {string.Join(", ", rows.Select(r => r.Schedule))}.", $"Name one: {choice.Workflow}/{rows[0].Schedule}");
    }

    /// <summary>Asks `serve` to do something to a schedule; its state afterwards.</summary>
    /// <exception cref="CommandFailure">There is no `serve`, or it refuses.</exception>
    public async Task<ScheduleRow> DoAsync(string workflow, string schedule, string action, ScheduleActionBody body, CancellationToken stop)
    {
        var path = $"/api/v1/schedules/{Uri.EscapeDataString(workflow)}/{Uri.EscapeDataString(schedule)}/{action}";
        return await Serve.TellAsync(path, body, ScheduleBodies.Default.ScheduleActionBody, ScheduleJson.Shapes.ScheduleRow, around.UserName, stop);
    }

    /// <summary>Asks `serve` for a run of a schedule; what that came to.</summary>
    /// <exception cref="CommandFailure">There is no `serve`, or it refuses.</exception>
    public Task<ManualRunRow> RunNowAsync(string workflow, string schedule, RunNowBody body, CancellationToken stop) =>
        Serve.TellAsync($"/api/v1/schedules/{Uri.EscapeDataString(workflow)}/{Uri.EscapeDataString(schedule)}/runs", body, ScheduleBodies.Default.RunNowBody, ScheduleJson.Shapes.ManualRunRow, around.UserName, stop);

    /// <summary>The `serve` that has the data directory.</summary>
    /// <exception cref="CommandFailure">There is none.</exception>
    public ServeClient Serve => _serve ?? throw new CommandFailure(ExitCode.Unavailable, $"No `orchestrator serve` has {settings.DataDirectory}: only `serve` fires and changes schedules.", "Start it, or name another data directory with --data.");

    private static string Query(params (string Key, string? Value)[] members)
    {
        var given = string.Join('&', members.Where(m => m.Value is not null).Select(m => $"{m.Key}={Uri.EscapeDataString(m.Value!)}"));
        return given.Length == 0 ? "" : $"?{given}";
    }

    private ScheduleQueries Queries() => new(Definitions(), (workflow, schedule) => ScheduleHistory.StateOf(settings.Store.Runs, workflow, schedule), ScheduleHistory.AllOf(settings.Store.Runs).Pause, around.Clock.GetUtcNow());

    private IReadOnlyList<WorkflowDefinition> Definitions() => _definitions ??= OfflineDefinitions.Read(settings, around, "schedules");

    private async Task<CommandFailure> UnknownAsync(ScheduleChoice choice, CancellationToken stop)
    {
        var all = await ListAsync(new(), stop);
        var ofWorkflow = all.Where(r => r.Workflow == choice.Workflow).ToList();
        var (name, known) = choice.Schedule is null ? (choice.Workflow!, all.Select(r => r.Workflow).Distinct())
            : ($"{choice.Workflow}/{choice.Schedule}", (ofWorkflow.Count > 0 ? ofWorkflow : all).Select(r => $"{r.Workflow}/{r.Schedule}"));
        return new(ExitCode.NotFound, choice.Schedule is null ? $"There is no workflow '{name}' with schedules." : $"There is no schedule '{name}'.",
            Suggest.DidYouMean(name, [.. known]) is { Length: > 0 } guess ? guess : "`orchestrator schedule list` shows all of them.");
    }
}

/// <summary>How schedules are named on a command line.</summary>
internal static class ScheduleTarget
{
    public const string Help = "A workflow, or one of its schedules: WORKFLOW/SCHEDULE.";

    /// <exception cref="CommandFailure">It is neither.</exception>
    public static ScheduleChoice Read(string? text) => text?.Split('/') switch
    {
        null => new(),
        [{ Length: > 0 } workflow] => new(workflow),
        [{ Length: > 0 } workflow, { Length: > 0 } schedule] => new(workflow, schedule),
        _ => throw new CommandFailure(ExitCode.Usage, $"'{text}' is not a schedule.", "Write WORKFLOW or WORKFLOW/SCHEDULE."),
    };
}
