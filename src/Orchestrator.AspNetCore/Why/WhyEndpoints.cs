using Orchestrator.AspNetCore.Requests;
using Orchestrator.Core.Explanations;
using Orchestrator.Engine.Definitions;
using Orchestrator.Engine.Hosting;
using Orchestrator.Engine.Queries;

namespace Orchestrator.AspNetCore.Why;

/// <summary><c>/api/v1/why</c>: why a workflow, schedule, run or task is as it is, now or at a past instant.</summary>
internal static class WhyEndpoints
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapMethods("/api/v1/why", RouteAnswers.Read, WhyAsync).Takes("subject", "at");

    private static async Task<IResult> WhyAsync(HttpContext http, ApiNode node, NodeSetup setup, WorkflowCatalog catalog, TimeProvider clock, string? subject, string? at)
    {
        var problems = new List<string>();
        DateTimeOffset? when = null;
        if (string.IsNullOrWhiteSpace(subject)) problems.Add("subject is needed: WORKFLOW, WORKFLOW/SCHEDULE, RUN or RUN/TASK.");
        if (at is not null)
            if (PastInstant.TryRead(at, clock.GetUtcNow(), out var instant)) when = instant;
            else problems.Add($"at must be {PastInstant.Help}, was '{at}'.");
        if (when > clock.GetUtcNow()) problems.Add("at is in the future: nothing is known about it yet.");
        if (problems.Count > 0) return ApiProblem.Of(http, StatusCodes.Status400BadRequest, "bad_query", "The query cannot be answered.", problems);

        var questions = new WhyQuestions(node.Store, WorkerLimitsNow.Of(setup.Options), clock, name => DefinitionOf(catalog.Current, name), static () => true);
        var answer = await questions.AskAsync(subject!, when, http.RequestAborted);
        if (answer.Found is { } found) return JsonAnswer.Object(w => ExplanationJson.WriteMembers(w, found));
        return answer.IsUnavailable ? ApiProblem.Of(http, StatusCodes.Status503ServiceUnavailable, "unreadable", answer.Problem!)
            : answer.IsAmbiguous ? ApiProblem.Of(http, StatusCodes.Status409Conflict, "ambiguous_subject", answer.Problem!)
            : ApiProblem.Of(http, StatusCodes.Status404NotFound, "subject_not_found", answer.Problem!);
    }

    // A broken definition has no name that is sure: its file has. The last good version stays in force meanwhile.
    private static DefinitionNow DefinitionOf(CatalogSnapshot now, string name)
    {
        if (now.Workflows.TryGetValue(name, out var entry)) return new(entry.Definition);
        foreach (var (origin, problems) in now.Problems)
            if (Path.GetFileNameWithoutExtension(origin) == name && problems is [var first, ..]) return new(null, first.ToString());
        return default;
    }
}
