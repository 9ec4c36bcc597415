using Orchestrator.AspNetCore.Requests;
using Orchestrator.AspNetCore.Status;
using Orchestrator.AspNetCore.Triggers;
using Orchestrator.Engine.Journal;

namespace Orchestrator.AspNetCore.Access;

/// <summary>
/// What every request passes before an endpoint sees it, in this order: a request id, one catch-all, the Host allow-list, where its caller is, its page's origin,
/// the token, readiness, a journal that can be written, the content type. The local socket is guarded by its file's permissions and skips host and token.
/// </summary>
internal sealed class Guards(AccessRules rules, Func<string?> whyNotReady, StorageHealth storage, ILogger<Guards> log)
{
    private const string Bearer = "Bearer ";

    public async Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        http.Response.Headers["X-Request-Id"] = http.TraceIdentifier;
        var (method, path) = (http.Request.Method, http.Request.Path.Value ?? "/");
        log.RequestStarted(method, path);
        try
        {
            if (!await RefusedAsync(http)) await next(http);
        }
        catch (BadHttpRequestException e)
        {
            await AnswerAsync(http, e.StatusCode, e.StatusCode == StatusCodes.Status413PayloadTooLarge ? "body_too_large" : "bad_request", e.Message);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The caller hung up: there is no one to answer.
        }
        catch (Exception e)
        {
            log.RequestFaulted(e, method, path);
            await AnswerAsync(http, StatusCodes.Status500InternalServerError, "internal", "The request failed because of an internal error. The server's log has the details under the request id.");
        }
    }

    private async Task<bool> RefusedAsync(HttpContext http)
    {
        var request = http.Request;
        var local = Caller.IsLocal(http);
        // A delivery to a trigger is proved by the trigger's own secret.
        var isDelivery = TriggerEndpoints.IsDelivery(request);
        if (!local && !rules.AllowsHost(http, isDelivery))
            return await AnswerAsync(
                http, StatusCodes.Status421MisdirectedRequest, "host_not_allowed", $"The host '{request.Host.Host}' is not served here. Add it to {rules.HostsSetting}.");
        if (!local && !rules.AllowsCaller(http, isDelivery))
            return await AnswerAsync(http, StatusCodes.Status403Forbidden, "loopback_only",
                "Without tokens this API answers callers on the same machine only. "
                + "Call RequireAuthorization() on what MapOrchestrator returns, or set TokenFile or AuthorizedByHost there.");
        if (!request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase)) return false;

        // A page of another site can send a request without a body without asking first; a browser says where it comes from.
        if (!local && !HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method) && request.Headers.Origin.ToString() is { Length: > 0 } origin && !rules.Hosts.IsOwnPage(origin, request.Host))
            return await AnswerAsync(http, StatusCodes.Status403Forbidden, "foreign_origin", "Pages of other sites may not change anything here.");

        if (!local && !isDelivery && rules.Tokens is { } tokens)
        {
            var header = request.Headers.Authorization.ToString();
            if (!header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) || tokens.NameOf(header[Bearer.Length..].Trim()) is not { } name)
            {
                http.Response.Headers.WWWAuthenticate = "Bearer";
                return await AnswerAsync(http, StatusCodes.Status401Unauthorized, "unauthorized", "This API needs a known token: Authorization: Bearer TOKEN.");
            }
            Caller.Prove(http, name);
        }
        else if (rules.Host is not null && http.User.Identity is { IsAuthenticated: true, Name: { Length: > 0 } user })
        {
            Caller.Prove(http, Requester.Name(user));
        }
        if (whyNotReady() is { } reason)
        {
            http.Response.Headers.RetryAfter = "1";
            return await AnswerAsync(http, StatusCodes.Status503ServiceUnavailable, "not_ready", $"Not ready: {reason}.");
        }
        // What changes something waits for the journal, however long that takes: better a refusal now. What is there can be read all the same.
        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method) && HealthEndpoints.WhyNot(storage) is { } trouble)
        {
            http.Response.Headers.RetryAfter = "5";
            return await AnswerAsync(http, StatusCodes.Status503ServiceUnavailable, "journal_unavailable",
                $"Nothing was changed: {trouble}. Free space or make the folder writable; the server retries every second.");
        }
        // A page of another site can send forms and plain text without asking first, but not JSON.
        var hasBody = request.ContentLength > 0 || request.Headers.TransferEncoding.Count > 0;
        if (HttpMethods.IsPost(request.Method) && !isDelivery && !EventEndpoints.IsBinary(request) && !request.HasJsonContentType() && (hasBody || request.ContentType is not null))
            return await AnswerAsync(http, StatusCodes.Status415UnsupportedMediaType, "json_required", "Send the body as application/json.");
        return false;
    }

    private static async Task<bool> AnswerAsync(HttpContext http, int status, string code, string message)
    {
        if (!http.Response.HasStarted) await ApiProblem.WriteAsync(http, status, code, message);
        return true;
    }
}
