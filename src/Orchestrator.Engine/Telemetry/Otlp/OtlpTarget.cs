using System.Collections.Immutable;
using OpenTelemetry.Exporter;

namespace Orchestrator.Engine.Telemetry.Otlp;

/// <summary>Where one signal is sent, and how: its own variables, or else those for all signals.</summary>
/// <param name="Variable">The variable that names the endpoint.</param>
/// <param name="Endpoint">With the signal's path for http/protobuf.</param>
internal sealed record OtlpTarget(string Variable, Uri Endpoint, OtlpExportProtocol Protocol)
{
    private const string General = "OTEL_EXPORTER_OTLP_";
    private const int DefaultTimeout = 10_000;

    /// <summary>Headers of each request. They may be secret.</summary>
    public ImmutableArray<KeyValuePair<string, string>> Headers { get; private init; } = [];

    public int TimeoutMilliseconds { get; private init; } = DefaultTimeout;

    public OtlpExportCompression Compression { get; private init; }

    public OtlpCertificates Certificates { get; private init; } = OtlpCertificates.None;

    /// <summary>Reads the variables of a signal; null when it has no endpoint that can be used.</summary>
    /// <param name="variables">The values.</param>
    /// <param name="signal">TRACES, METRICS or LOGS.</param>
    public static OtlpTarget? Read(OtelVariables variables, string signal)
    {
        var (place, text) = Given("ENDPOINT");
        if (text is null) return null;
        var protocol = ProtocolOf();
        if (EndpointOf(place, text) is not { } endpoint) return null;
        if (place == General + "ENDPOINT" && protocol == OtlpExportProtocol.HttpProtobuf) endpoint = Below(endpoint, "v1/" + signal.ToLowerInvariant());
        var (timeoutName, _) = Given("TIMEOUT");
        var (headersName, headers) = Given("HEADERS");
        return new(place, endpoint, protocol)
        {
            Headers = OtlpHeaders.Read(variables, headersName, headers),
            TimeoutMilliseconds = variables.Whole(timeoutName, DefaultTimeout, least: 1),
            Compression = CompressionOf(),
            Certificates = endpoint.Scheme == Uri.UriSchemeHttps ? OtlpCertificates.Read(variables, Given("CERTIFICATE"), Given("CLIENT_CERTIFICATE"), Given("CLIENT_KEY")) : OtlpCertificates.None,
        };

        (string Name, string? Value) Given(string what)
        {
            var own = $"{General}{signal}_{what}";
            return variables.Text(own) is { } value ? (own, value) : (General + what, variables.Text(General + what));
        }

        Uri? EndpointOf(string name, string value)
        {
            if (Uri.TryCreate(value, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps) && url.Host.Length > 0) return url;
            // An address may hold a password or a key.
            var shown = value.AsSpan().ContainsAny('@', '?') ? name : OtelVariables.Shown(name, value);
            variables.Warn($"{shown} is not an http or https URL; nothing is sent there. Write it as http://HOST:PORT.");
            return null;
        }

        OtlpExportProtocol ProtocolOf()
        {
            var (name, value) = Given("PROTOCOL");
            switch (value)
            {
                case null or "grpc": return OtlpExportProtocol.Grpc;
                case "http/protobuf": return OtlpExportProtocol.HttpProtobuf;
                case "http/json":
                    variables.Warn($"{name}=http/json is not supported; http/protobuf is used instead.");
                    return OtlpExportProtocol.HttpProtobuf;
                default:
                    variables.Warn($"{OtelVariables.Shown(name, value)} is not a known protocol; grpc is used instead. Known: grpc and http/protobuf.");
                    return OtlpExportProtocol.Grpc;
            }
        }

        OtlpExportCompression CompressionOf()
        {
            var (name, value) = Given("COMPRESSION");
            if (value is "gzip") return OtlpExportCompression.GZip;
            if (value is not (null or "none")) variables.Warn($"{OtelVariables.Shown(name, value)} is not a known compression; none is used instead. Known: gzip and none.");
            return OtlpExportCompression.None;
        }
    }

    private static Uri Below(Uri endpoint, string path) => new UriBuilder(endpoint) { Path = endpoint.AbsolutePath.TrimEnd('/') + "/" + path }.Uri;
}
