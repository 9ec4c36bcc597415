using System.Text;
using System.Text.Json;
using Orchestrator.AspNetCore.Requests;
using Orchestrator.AspNetCore.Runs;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Lifecycle;
using Orchestrator.Engine.Running;

namespace Orchestrator.AspNetCore.Local;

/// <summary>
/// <c>POST /api/v1/runs</c> with a definition in its normal form: what `run FILE` sends to a `serve`. Only through the local socket: a process that can
/// open it may run programs as this user anyway.
/// </summary>
internal static class LocalEndpoints
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/api/v1/runs", StartAsync);

    private static async Task<IResult> StartAsync(HttpContext http, ApiNode node)
    {
        if (!Caller.IsLocal(http))
        {
            http.Response.Headers.Allow = "GET, HEAD";
            return ApiProblem.Of(http, StatusCodes.Status405MethodNotAllowed, "use_workflow", "Start a run with POST /api/v1/workflows/{name}/runs.");
        }
        var (body, unreadable) = await JsonBody.ReadAsync(http, ApiJson.Default.LocalStartBody, "The body cannot be read.");
        if (unreadable is not null) return unreadable;
        WorkflowDefinition workflow;
        try
        {
            if (body is not { Definition: { } text }) throw new JsonException("The body needs a definition.");
            workflow = DefinitionJson.Read(Encoding.UTF8.GetBytes(text));
        }
        catch (JsonException e)
        {
            return ApiProblem.Of(http, StatusCodes.Status400BadRequest, "bad_json", "The body cannot be read.", [e.Message]);
        }
        var submission = new Submission(node);
        workflow = workflow with { BaseDir = body.BaseDir };
        var bound = RunParameters.Text(body.Params ?? new Dictionary<string, string>()).Bind(workflow, submission.Now);
        return await submission.AcceptAsync(http, workflow, bound, body.RequestedBy, body.NotBefore, TraceContexts.Inbound(body.Traceparent, body.Tracestate, body.Baggage));
    }
}
