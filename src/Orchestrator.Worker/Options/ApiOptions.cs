using System.Collections.Immutable;

namespace Orchestrator.Worker.Options;

/// <summary>The HTTP API of <c>serve</c>: section <c>Orchestrator:Api</c>.</summary>
internal sealed record ApiOptions
{
    /// <summary><c>Url</c>: address to listen on, http only (put TLS in front). Port 0 takes a free one. Default <c>http://127.0.0.1:8080</c>.</summary>
    public Uri Url
    {
        get => field ??= new("http://127.0.0.1:8080");   // most verbs never ask
        init;
    }

    /// <summary>
    /// <c>AllowedHosts</c>: values of the Host header that are answered, beside loopback names, the host of <c>Url</c> and that of
    /// <c>PublicUrl</c>. A list, without ports; <c>*</c> allows all. Default empty.
    /// </summary>
    public ImmutableArray<string> AllowedHosts { get; init; } = [];

    /// <summary>
    /// <c>TokenFile</c>: file of accepted tokens, one line each: the SHA-256 of the token as 64 hexadecimal digits, then optionally a
    /// name; <c>#</c> starts a comment. With it every <c>/api</c> call needs <c>Authorization: Bearer</c>. Required for addresses that are not
    /// loopback. A relative path starts at the configuration file's folder. Default none.
    /// </summary>
    public string? TokenFile { get; init; }

    /// <summary><c>MaxBodyBytes</c>: largest request body, as a size (<c>1MiB</c>). Default 1 MiB.</summary>
    public long MaxBodyBytes { get; init; } = 1 << 20;
}
