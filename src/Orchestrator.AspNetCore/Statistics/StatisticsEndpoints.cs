using Orchestrator.AspNetCore.Requests;
using Orchestrator.Core.Definitions;
using Orchestrator.Engine.Index;
using Orchestrator.Engine.Index.Statistics;

namespace Orchestrator.AspNetCore.Statistics;

/// <summary><c>/api/v1/stats</c>: what runs and tasks did in a window.</summary>
internal static class StatisticsEndpoints
{
    private static readonly TimeSpan s_usual = TimeSpan.FromDays(1);
    private static readonly TimeSpan s_most = TimeSpan.FromDays(36_500);

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapMethods("/api/v1/stats", RouteAnswers.Read, StatisticsAsync).Takes("window", "workflow", "tenant", "by");

    private static async Task<IResult> StatisticsAsync(HttpContext http, ApiNode node, string? window, string? workflow, string? tenant, string? by)
    {
        var problems = new List<string>();
        var span = s_usual;
        if (window is not null && (!DurationText.TryParse(window, out span) || span <= TimeSpan.Zero || span > s_most))
            problems.Add($"window must be a time such as 30m, 24h or 7d, up to {DurationText.Format(s_most)}; was '{window}'.");
        if (by is not null && StatisticsGrouping.Find(by) is null) problems.Add($"by must be one of {StatisticsGrouping.Words}; was '{by}'.");
        if (problems.Count > 0) return ApiProblem.Of(http, StatusCodes.Status400BadRequest, "bad_query", "The query cannot be answered.", problems);

        var scope = StatisticsScope.Last(span, node.Clock.GetUtcNow()) with { Workflow = workflow, Tenant = tenant };
        var grouping = by is null ? StatisticsGrouping.Usual(scope) : StatisticsGrouping.Find(by)!;
        try
        {
            if (node.Index is { } index
                && await index.QueryAsync(database => StatisticsAnswer.Of(database, scope, grouping, http.RequestAborted), http.RequestAborted) is { } answer)
                return JsonAnswer.Object(w => StatisticsJson.WriteMembers(w, answer));
        }
        catch (IndexUnusableException e)
        {
            return ApiProblem.Of(http, StatusCodes.Status503ServiceUnavailable, "no_index", $"{char.ToUpperInvariant(e.Message[0])}{e.Message[1..]}.");
        }
        return ApiProblem.Of(http, StatusCodes.Status503ServiceUnavailable, "no_index", "The index of runs is being made or brought up to date. Ask again in a moment.");
    }
}
