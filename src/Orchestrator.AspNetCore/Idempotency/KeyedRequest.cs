using System.Security.Cryptography;
using System.Text;
using Orchestrator.AspNetCore.Requests;
using Orchestrator.Core;
using Orchestrator.Core.Runs;

namespace Orchestrator.AspNetCore.Idempotency;

/// <summary>A request that carries an <c>Idempotency-Key</c>.</summary>
/// <param name="Given">The key as the caller wrote it.</param>
/// <param name="Hash">Of caller and key: two callers never meet.</param>
/// <param name="Body">Of what is asked for, however it is written.</param>
internal sealed record KeyedRequest(string Given, string Hash, string Body)
{
    public const string Header = "Idempotency-Key";
    public const string Replayed = "Idempotency-Replayed";
    private const int Longest = 255;

    /// <summary>Reads the key and what it has led to: an answer where that is known already. The body can be read again afterwards.</summary>
    public static async Task<IResult?> MeetAsync(HttpContext http, ApiNode node)
    {
        if (!http.Request.Headers.TryGetValue(Header, out var header)) return null;
        if (header is not [{ } given] || !VisibleAscii.Is(given, Longest))
            return ApiProblem.Of(http, StatusCodes.Status400BadRequest, "bad_idempotency_key", $"{Header} is one text of 1 to {Longest} printable ASCII characters without spaces.");
        http.Request.EnableBuffering();
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        http.Request.Body.Position = 0;
        var request = new KeyedRequest(
            given, Sha($"{Caller.NameOf(http, "")}\n{given}"), Sha($"{http.Request.Method} {http.Request.Path}\n{CanonicalJson.Of(body.GetBuffer().AsMemory(0, (int)body.Length))}"));
        http.Features.Set(request);
        try
        {
            if (await node.Keys.FindAsync(request.Hash) is not { } known) return null;
            return known.Body != request.Body ? Conflict(http) : await ReplayAsync(http, node, known.Run);
        }
        catch (IOException e)
        {
            return Unavailable(http, e);
        }
    }

    public static IResult Conflict(HttpContext http) => ApiProblem.Of(
        http, StatusCodes.Status422UnprocessableEntity, "idempotency_key_reused", $"This {Header} was used with another request within the last 24 hours. Use a new key for a new request.");

    public static IResult Unavailable(HttpContext http, IOException e) => ApiProblem.Of(
        http, StatusCodes.Status503ServiceUnavailable, "journal_unavailable", $"The key cannot be kept, so the run was not accepted: {e.Message}", retryAfter: TimeSpan.FromSeconds(5));

    /// <summary>The run that the key has led to; null when the process died before it was accepted, so that it is submitted now.</summary>
    private static async Task<IResult?> ReplayAsync(HttpContext http, ApiNode node, RunId id)
    {
        if (await node.Runs.ViewAsync(id, http.RequestAborted) is not { } run) return null;
        http.Response.Headers[Replayed] = "true";
        http.Response.Headers.Location = $"{http.Request.PathBase}/api/v1/runs/{id}";
        return Results.Json(new RunAnswer(id.ToString(), run.Workflow, Words.Of(run.Status), AlreadyExisted: true), JsonAnswer.Shapes.RunAnswer, statusCode: StatusCodes.Status202Accepted);
    }

    private static string Sha(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
