using Microsoft.Extensions.Logging;

namespace Orchestrator.Engine.Executors.Delegate;

/// <summary>Which attempt the code that runs now belongs to, wherever it has come: what injected services log goes into that attempt's log too.</summary>
internal sealed class AmbientAttempt
{
    private readonly AsyncLocal<DelegateContext?> _current = new();

    public DelegateContext? Current => _current.Value;

    /// <summary>Everything that is started within the returned scope belongs to the attempt.</summary>
    public Scope Enter(DelegateContext context)
    {
        var outer = _current.Value;
        _current.Value = context;
        return new(this, outer);
    }

    public readonly struct Scope(AmbientAttempt owner, DelegateContext? outer) : IDisposable
    {
        public void Dispose() => owner._current.Value = outer;
    }
}

/// <summary>Copies what is logged during an attempt into the attempt's log. The host's own log has it anyway.</summary>
internal sealed class AttemptLoggerProvider(AmbientAttempt ambient) : ILoggerProvider
{
    // What a delegate logs through its context comes by this one, and is in both logs already.
    private static readonly string s_own = typeof(DelegateTaskExecutor).FullName!;

    public ILogger CreateLogger(string categoryName) =>
        categoryName == s_own ? Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance : new Copy(ambient, categoryName);

    public void Dispose()
    {
        // Attempts close their logs themselves.
    }

    private sealed class Copy(AmbientAttempt ambient, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel is >= LogLevel.Information and not LogLevel.None && ambient.Current is not null;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel) || ambient.Current is not { } context) return;
            context.Log.Append(logLevel, $"{category[(category.LastIndexOf('.') + 1)..]}: {formatter(state, exception)}", exception);
        }
    }
}
