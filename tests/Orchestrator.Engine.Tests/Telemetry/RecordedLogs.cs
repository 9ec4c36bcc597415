using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Orchestrator.Engine.Tests.Telemetry;

/// <summary>A log provider that remembers.</summary>
internal sealed class RecordedLogs : ILoggerProvider
{
    public ConcurrentQueue<(string Category, LogLevel Level, EventId Id, string Message, string? SpanId)> All { get; } = new();

    /// <summary>Called with the category before a record is kept; may block the writer.</summary>
    public Action<string>? OnWrite { get; set; }

    public ILogger CreateLogger(string categoryName) => new Writer(this, categoryName);

    public void Dispose()
    {
    }

    private sealed class Writer(RecordedLogs owner, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            owner.OnWrite?.Invoke(category);
            owner.All.Enqueue((category, logLevel, eventId, formatter(state, exception), Activity.Current?.SpanId.ToHexString()));
        }
    }
}
