using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Planning;

namespace Orchestrator.Engine.Executors.Http;

/// <summary>Makes requests of rendered calls.</summary>
internal static class HttpRequests
{
    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-.^_`|~");

    /// <summary>What goes along when a redirect leads to another host: nothing that could be a credential.</summary>
    private static readonly string[] Harmless = ["Accept", "Accept-Encoding", "Accept-Language", "User-Agent"];

    /// <exception cref="HttpRefusedException">It is not an address a request can be made to.</exception>
    public static Uri Address(string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || (address.Scheme != Uri.UriSchemeHttp && address.Scheme != Uri.UriSchemeHttps) || address.Host.Length == 0)
            throw new HttpRefusedException($"'{url}' is not an absolute http or https address.");
        return address.UserInfo.Length == 0 ? address
            : throw new HttpRefusedException("The URL holds a user or password: pass them in the header Authorization, from a secret.");
    }

    /// <exception cref="HttpRefusedException">A header cannot be sent.</exception>
    public static HttpRequestMessage Build(HttpCall call, string method, Uri address, bool ofSameOrigin)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), address)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
            Content = Content(call),
        };
        foreach (var (name, value) in call.Headers)
        {
            if (!ofSameOrigin && !Harmless.Contains(name, StringComparer.OrdinalIgnoreCase)) continue;
            if (HttpHeaderRules.IsOurs(name))
                throw new HttpRefusedException($"The header '{name}' follows from the request itself: leave it out.");
            if (HttpHeaderRules.Fault(value) is { } fault)
                throw new HttpRefusedException($"The value of the header '{name}' {fault}. {HttpHeaderRules.Remedy}");
            if (!IsName(name)) throw new HttpRefusedException($"'{name}' cannot be the name of a header.");
            if (!request.Headers.TryAddWithoutValidation(name, value)) AddToContent(request, name, value);
        }
        if (!request.Headers.Contains("Accept-Encoding")) request.Headers.TryAddWithoutValidation("Accept-Encoding", HttpCoding.Accepted);
        if (!request.Headers.Contains("User-Agent")) request.Headers.TryAddWithoutValidation("User-Agent", "orchestrator");
        return request;
    }

    // Content-Type and its like belong to a body; the task's word stands above what the body's form says.
    private static void AddToContent(HttpRequestMessage request, string name, string value)
    {
        request.Content ??= new ByteArrayContent([]);
        request.Content.Headers.Remove(name);
        request.Content.Headers.TryAddWithoutValidation(name, value);
    }

    // A token of RFC 9110.
    private static bool IsName(string name) => name.Length > 0 && !name.AsSpan().ContainsAnyExcept(NameCharacters);

    private static ByteArrayContent? Content(HttpCall call)
    {
        if (call.Json is { } json) return Typed(Encoding.UTF8.GetBytes(json.GetRawText()), "application/json");
        if (call.Body is { } body) return Typed(Encoding.UTF8.GetBytes(body), "text/plain");
        return call.Form.IsEmpty ? null : new FormUrlEncodedContent(call.Form);
    }

    private static ByteArrayContent Typed(byte[] bytes, string type) =>
        new(bytes) { Headers = { ContentType = new MediaTypeHeaderValue(type) { CharSet = type == "text/plain" ? "utf-8" : null } } };
}
