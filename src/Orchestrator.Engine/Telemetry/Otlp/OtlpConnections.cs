namespace Orchestrator.Engine.Telemetry.Otlp;

/// <summary>The connections to backends. Signals that go to the same place in the same way share them.</summary>
internal sealed class OtlpConnections : IDisposable
{
    private readonly Dictionary<string, SocketsHttpHandler> _handlers = [];

    /// <summary>A client for the requests of one signal.</summary>
    public HttpClient ClientFor(OtlpTarget target)
    {
        lock (_handlers)
        {
            if (!_handlers.TryGetValue(target.Certificates.Files, out var handler))
            {
                // Requests of the exporter have no parent span.
                handler = new SocketsHttpHandler { ActivityHeadersPropagator = null, UseCookies = false, AllowAutoRedirect = false };
                target.Certificates.ApplyTo(handler.SslOptions);
                _handlers.Add(target.Certificates.Files, handler);
            }
            var client = new HttpClient(handler, disposeHandler: false) { Timeout = TimeSpan.FromMilliseconds(target.TimeoutMilliseconds) };
            foreach (var (name, value) in target.Headers) client.DefaultRequestHeaders.TryAddWithoutValidation(name, value);
            return client;
        }
    }

    public void Dispose()
    {
        lock (_handlers)
        {
            foreach (var handler in _handlers.Values) handler.Dispose();
            _handlers.Clear();
        }
    }
}
