using Orchestrator.AspNetCore.Requests;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Executors.Artifacts;

namespace Orchestrator.AspNetCore.Runs;

/// <summary><c>/api/v1/runs/{id}/artifacts</c>: the files kept with a run, and each of them.</summary>
internal static class ArtifactEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/api/v1/runs/{id}/artifacts", RouteAnswers.Read, ListAsync);
        routes.MapMethods("/api/v1/runs/{id}/artifacts/{**path}", RouteAnswers.Read, OneAsync);
    }

    private static async Task<IResult> ListAsync(string id, HttpContext http, ApiNode node)
    {
        if (await FolderAsync(id, http, node) is not { } folder) return ApiProblem.NoRun(http, id);
        return JsonAnswer.Object(w =>
        {
            w.WriteStartArray("artifacts");
            foreach (var artifact in Artifacts.Of(folder))
            {
                w.WriteStartObject();
                w.WriteString("path", artifact.Path);
                w.WriteNumber("bytes", artifact.Bytes);
                w.WriteEndObject();
            }
            w.WriteEndArray();
        });
    }

    // A task's file must never run as a page of this server: always a download, of no guessed type, in a sandbox should a browser show it.
    private static async Task<IResult> OneAsync(string id, string path, HttpContext http, ApiNode node)
    {
        if (await FolderAsync(id, http, node) is not { } folder) return ApiProblem.NoRun(http, id);
        if (Artifacts.Open(folder, path) is not { } file)
            return ApiProblem.Of(http, StatusCodes.Status404NotFound, "artifact_not_found", $"Run {id} has no artifact '{path}'.");
        http.Response.Headers.XContentTypeOptions = "nosniff";
        http.Response.Headers.ContentSecurityPolicy = "default-src 'none'; sandbox";
        http.Response.Headers.CacheControl = "private, no-cache";
        return Results.File(file, "application/octet-stream", Path.GetFileName(path), File.GetLastWriteTimeUtc(file.SafeFileHandle), enableRangeProcessing: true);
    }

    private static async Task<string?> FolderAsync(string id, HttpContext http, ApiNode node) =>
        RunId.TryParse(id, out var run) && await node.Runs.ViewAsync(run, http.RequestAborted) is not null ? node.Runs.Store.Files.DirectoryOf(run) : null;
}
