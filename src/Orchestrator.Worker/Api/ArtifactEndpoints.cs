using System.Text.Json;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Executors.Artifacts;
using Orchestrator.Worker.Hosting;

namespace Orchestrator.Worker.Api;

/// <summary><c>/api/v1/runs/{id}/artifacts</c>: the files kept with a run, and each of them.</summary>
internal static class ArtifactEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/runs/{id}/artifacts", ListAsync);
        routes.MapGet("/api/v1/runs/{id}/artifacts/{**path}", OneAsync);
    }

    private static async Task<IResult> ListAsync(string id, HttpContext http, ServeNode node)
    {
        if (await FolderAsync(id, http, node) is not { } folder) return NoRun(http, id);
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("artifacts");
            foreach (var artifact in Artifacts.Of(folder))
            {
                writer.WriteStartObject();
                writer.WriteString("path", artifact.Path);
                writer.WriteNumber("bytes", artifact.Bytes);
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        return Results.Bytes(buffer.ToArray(), "application/json; charset=utf-8");
    }

    // What a task wrote must never run as a page of ours: always a download, of no guessed type, in a sandbox should a browser show it.
    private static async Task<IResult> OneAsync(string id, string path, HttpContext http, ServeNode node)
    {
        if (await FolderAsync(id, http, node) is not { } folder) return NoRun(http, id);
        if (Artifacts.Open(folder, path) is not { } file)
            return ApiError.Of(http, StatusCodes.Status404NotFound, "artifact_not_found", $"Run {id} has no artifact '{path}'.");
        http.Response.Headers.XContentTypeOptions = "nosniff";
        http.Response.Headers.ContentSecurityPolicy = "default-src 'none'; sandbox";
        http.Response.Headers.CacheControl = "private, no-cache";
        return Results.File(file, "application/octet-stream", Path.GetFileName(path), File.GetLastWriteTimeUtc(file.SafeFileHandle), enableRangeProcessing: true);
    }

    private static async Task<string?> FolderAsync(string id, HttpContext http, ServeNode node) =>
        RunId.TryParse(id, out var run) && await node.Runs.ViewAsync(run, http.RequestAborted) is not null ? node.Runs.Store.Files.DirectoryOf(run) : null;

    private static IResult NoRun(HttpContext http, string id) => ApiError.Of(http, StatusCodes.Status404NotFound, "run_not_found", $"There is no run '{id}'.");
}
