using System.Diagnostics;
using System.Net;
using Orchestrator.Core.Definitions;

namespace Orchestrator.Engine.Executors.Http;

/// <summary>
/// The one pool of connections of all http tasks. Certificates are always verified and no setting changes that: trust an authority of
/// your own in the machine's store (or SSL_CERT_FILE). Proxies are not used, whatever the worker's environment says; there are no cookies
/// and no credentials but those in the task's headers. Compressed answers are unpacked. HTTP/2 is used where the server offers it over TLS.
/// </summary>
internal sealed class HttpTransport : IDisposable
{
    public static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(15);
    private const int MaxRedirects = 5;

    private readonly HttpMessageInvoker _invoker = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,   // followed here, with a rule for the headers
        AutomaticDecompression = DecompressionMethods.None,   // unpacked by HttpCoding: Accept-Encoding stays as the task wrote it
        UseProxy = false,
        UseCookies = false,
        ConnectTimeout = ConnectTimeout,
        PooledConnectionLifetime = TimeSpan.FromMinutes(2),   // a name that moves is noticed
        ActivityHeadersPropagator = new TaskPropagator(),
    });

    /// <summary>Sends the request and follows redirects of GET and HEAD, at most five. The body has not been read.</summary>
    /// <exception cref="HttpRefusedException">The request, or a redirect, cannot be executed.</exception>
    public async ValueTask<HttpResponseMessage> SendAsync(TaskAttempt attempt, string method, ExpectedStatuses expected, HttpLog said, CancellationToken stop)
    {
        var call = attempt.Invocation.Http!;
        var start = HttpRequests.Address(call.Url);
        var at = start;
        var stayed = true;   // once led away it is another's word where the request goes, even if that is back
        for (var hops = 0; ; hops++)
        {
            stayed &= IsSameOrigin(start, at);
            using var request = HttpRequests.Build(call, method, at, stayed);
            Trace(request, attempt, stayed);
            said.Asked(request);
            var answer = await _invoker.SendAsync(request, stop).ConfigureAwait(false);
            if (Next(answer, method, at, expected) is not { } next) return answer;
            said.Redirected(answer, next);
            answer.Dispose();
            if (hops == MaxRedirects) throw new HttpRefusedException($"More than {MaxRedirects} redirects; the last one pointed to {next}.");
            at = next;
        }
    }

    public void Dispose() => _invoker.Dispose();

    private static Uri? Next(HttpResponseMessage answer, string method, Uri at, ExpectedStatuses expected)
    {
        var status = (int)answer.StatusCode;
        if (status is not (301 or 302 or 303 or 307 or 308) || method is not ("GET" or "HEAD") || expected.AskFor(status) || answer.Headers.Location is not { } location) return null;
        if (!Uri.TryCreate(at, location, out var next)) throw new HttpRefusedException($"The redirect from {at} points to '{location}', which is not an address.");
        if (next.UserInfo.Length > 0) next = new UriBuilder(next) { UserName = "", Password = "" }.Uri;
        if (next.Scheme != Uri.UriSchemeHttps && (next.Scheme != Uri.UriSchemeHttp || at.Scheme == Uri.UriSchemeHttps))
            throw new HttpRefusedException($"The redirect from {at} to {next} is not followed: it leads away from https.");
        return next;
    }

    // With tracing on, the handler's own CLIENT span is the parent the other side sees; without, the attempt's derived one.
    private static void Trace(HttpRequestMessage request, TaskAttempt attempt, bool stayed)
    {
        // The trace's id is the run's: another origin learns it only where the task says so.
        var choice = attempt.Task.Propagate ?? (stayed ? TracePropagation.ContextPlusBaggage : TracePropagation.None);
        request.Options.Set(TaskPropagator.Choice, choice);
        if (choice == TracePropagation.None) return;
        if (Activity.Current is null)
        {
            Add("traceparent", attempt.Handed?.TraceParent);
            Add("tracestate", attempt.Handed?.TraceState);
        }
        Add("baggage", attempt.Handed?.Baggage);

        void Add(string name, string? value)
        {
            if (value is { Length: > 0 } && !request.Headers.Contains(name)) request.Headers.TryAddWithoutValidation(name, value);
        }
    }

    private static bool IsSameOrigin(Uri a, Uri b) => a.Scheme == b.Scheme && a.Port == b.Port && string.Equals(a.IdnHost, b.IdnHost, StringComparison.OrdinalIgnoreCase);
}
