using Orchestrator.AspNetCore.Requests;
using Orchestrator.Core.Schedules.Ledger;
using Orchestrator.Core.Schedules.Simulation;
using Orchestrator.Engine.Definitions;
using Orchestrator.Engine.Hosting;
using Orchestrator.Engine.Queries;
using Orchestrator.Engine.Scheduling;

namespace Orchestrator.AspNetCore.Schedules;

/// <summary><c>/api/v1/schedules</c>: schedules, their due times to come, and the entries of their ledgers.</summary>
internal static class ScheduleEndpoints
{
    public const int MaxDueTimes = 1_000;
    public const int MaxEntries = 500;
    public const int MaxDays = 31;

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/api/v1/schedules", RouteAnswers.Read, List).Takes("workflow");
        routes.MapMethods("/api/v1/schedules/next", RouteAnswers.Read, Next).Takes("workflow", "schedule", "count", "until");
        routes.MapMethods("/api/v1/schedules/calendar", RouteAnswers.Read, CalendarAsync).Takes("workflow", "schedule", "timezone", "from", "days");
        routes.MapMethods("/api/v1/schedules/simulation", RouteAnswers.Read, SimulationAsync).Takes("workflow", "schedule", "from", "until", "limit");
        routes.MapMethods("/api/v1/schedules/{workflow}/{schedule}", RouteAnswers.Read, One);
        routes.MapMethods("/api/v1/schedules/{workflow}/{schedule}/history", RouteAnswers.Read, HistoryAsync).Takes("limit", "cursor");
    }

    /// <summary>Queries over what is in force now.</summary>
    public static ScheduleQueries Queries(WorkflowCatalog catalog, ScheduleReconciler schedules, TimeProvider clock) => new(
        catalog.Current.Workflows.Values.Select(w => w.Definition), (workflow, schedule) => schedules.StateOf($"{workflow}/{schedule}") ?? LedgerState.Empty, schedules.AllPaused, clock.GetUtcNow());

    public static IResult NoSchedule(HttpContext http, string workflow, string schedule) =>
        ApiProblem.Of(http, StatusCodes.Status404NotFound, "schedule_not_found", $"There is no schedule '{workflow}/{schedule}'.");

    private static IResult List(WorkflowCatalog catalog, ScheduleReconciler schedules, TimeProvider clock, string? workflow) =>
        Results.Json(Queries(catalog, schedules, clock).Page(new(workflow)), ScheduleJson.Shapes.SchedulePage);

    private static IResult Next(HttpContext http, WorkflowCatalog catalog, ScheduleReconciler schedules, TimeProvider clock, string? workflow, string? schedule, string? count, string? until)
    {
        var (problems, end) = (new List<string>(), (DateTimeOffset?)null);
        var most = QueryCount.Read("count", count, until is null ? 10 : MaxDueTimes, MaxDueTimes, problems);
        if (until is not null)
            if (EarliestStart.TryRead(until, clock.GetUtcNow(), out var instant)) end = instant;
            else problems.Add($"until must be {EarliestStart.Shape}, was '{until}'.");
        return problems.Count > 0 ? ApiProblem.Of(http, StatusCodes.Status400BadRequest, "bad_query", "The query cannot be answered.", problems)
            : Results.Json(Queries(catalog, schedules, clock).Next(new(workflow, schedule), most, end), ScheduleJson.Shapes.DuePage);
    }

    private static async Task<IResult> CalendarAsync(
        HttpContext http, WorkflowCatalog catalog, ScheduleReconciler schedules, TimeProvider clock, string? workflow, string? schedule, string? timezone, string? from, string? days)
    {
        var (problems, first) = (new List<string>(), default(DateOnly?));
        if (from is not null)
            if (CalendarDate.TryRead(from, out var date)) first = date;
            else problems.Add($"from must be {CalendarDate.Shape}, was '{from}'.");
        var count = QueryCount.Read("days", days, 7, MaxDays, problems);
        var queries = Queries(catalog, schedules, clock);
        var page = problems.Count > 0 ? null : await Task.Run(() =>
        {
            var found = queries.Calendar(new(workflow, schedule), timezone ?? queries.ZoneOf(new(workflow, schedule)), first, count, out var wrong);
            if (wrong is not null) problems.Add(wrong);
            return found;
        }, http.RequestAborted);
        return page is null ? ApiProblem.Of(http, StatusCodes.Status400BadRequest, "bad_query", "The query cannot be answered.", problems) : Results.Json(page, ScheduleJson.Shapes.CalendarPage);
    }

    private static async Task<IResult> SimulationAsync(
        HttpContext http, WorkflowCatalog catalog, ScheduleReconciler schedules, ApiNode node, NodeSetup setup, TimeProvider clock,
        string? workflow, string? schedule, string? from, string? until, string? limit)
    {
        var (problems, now) = (new List<string>(), clock.GetUtcNow());
        var (begin, end) = (now, now + SimulatedRange.Usual);
        if (from is not null && !EarliestStart.TryRead(from, now, out begin)) problems.Add($"from must be {EarliestStart.Shape}, was '{from}'.");
        if (until is not null && !EarliestStart.TryRead(until, now, out end)) problems.Add($"until must be {EarliestStart.Shape}, was '{until}'.");
        else if (until is null) end = begin + SimulatedRange.Usual;
        var most = QueryCount.Read("limit", limit, MaxDueTimes, ScheduleSimulation.MaxDue, problems);
        if (problems.Count == 0 && SimulatedRange.Problem(begin, end) is { } wrong) problems.Add(wrong);
        if (problems.Count > 0) return ApiProblem.Of(http, StatusCodes.Status400BadRequest, "bad_query", "The query cannot be answered.", problems);
        var forecast = new ScheduleForecast(Queries(catalog, schedules, clock), node.Store, SimulatedRange.LimitsOf(setup.Options));
        return Results.Json(await Task.Run(() => forecast.Of(new(workflow, schedule), begin, end, most), http.RequestAborted), ScheduleJson.Shapes.SimulationPage);
    }

    private static IResult One(string workflow, string schedule, HttpContext http, WorkflowCatalog catalog, ScheduleReconciler schedules, TimeProvider clock) =>
        Queries(catalog, schedules, clock).List(new(workflow, schedule)) is [var row] ? Results.Json(row, ScheduleJson.Shapes.ScheduleRow) : NoSchedule(http, workflow, schedule);

    private static async Task<IResult> HistoryAsync(string workflow, string schedule, HttpContext http, WorkflowCatalog catalog, ApiNode node, string? limit, string? cursor)
    {
        var (problems, before) = (new List<string>(), default(HistoryCursor));
        var most = QueryCount.Read("limit", limit, 50, MaxEntries, problems);
        if (cursor is not null && !HistoryCursor.TryParse(cursor, out before)) problems.Add("cursor must be the next_cursor of an earlier page.");
        if (problems.Count > 0) return ApiProblem.Of(http, StatusCodes.Status400BadRequest, "bad_query", "The query cannot be answered.", problems);
        var page = await Task.Run(() => ScheduleHistory.Page(node.Store.Runs, workflow, schedule, most, before), http.RequestAborted);
        // The ledger of a schedule that was removed can still be read.
        return page.Entries.Count > 0 || catalog.Find(workflow)?.Schedules.Any(s => s.Id == schedule) == true
            ? Results.Json(page, ScheduleJson.Shapes.HistoryPage) : NoSchedule(http, workflow, schedule);
    }
}
