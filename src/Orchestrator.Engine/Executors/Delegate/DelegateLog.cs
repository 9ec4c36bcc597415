using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
using Orchestrator.Engine.Executors.Process;
using Orchestrator.Engine.Files;
using Orchestrator.Engine.Secrets;

namespace Orchestrator.Engine.Executors.Delegate;

/// <summary>What a delegate logs: into the attempt's file, made with the first line, and into the host's log. Secrets are masked in both.</summary>
internal sealed class DelegateLog(TaskAttempt attempt, ProcessTaskOptions options, TimeProvider clock, ILogger host) : ILogger, IDisposable
{
    private readonly Lock _gate = new();
    private readonly SecretPatterns? _secrets = attempt.Patterns;
    private AttemptLog? _file;
    private bool _closed;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None && (logLevel >= LogLevel.Information || host.IsEnabled(logLevel));

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel)) return;
        if (Append(logLevel, formatter(state, exception), exception) is { } text)
            host.Log(logLevel, eventId, text, null, static (masked, _) => masked);   // as text: the exception itself may hold secrets
    }

    /// <summary>Writes to the attempt's file alone. What was written, secrets masked; null once the attempt has been closed.</summary>
    public string? Append(LogLevel level, string text, Exception? exception)
    {
        if (exception is not null) text = $"{text}{Environment.NewLine}{exception}";
        text = SecretMasker.Apply(_secrets, text);
        lock (_gate)
        {
            if (_closed) return null;
            Open()?.Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{clock.GetUtcNow():HH:mm:ss.fff}Z {Word(level)} {text}\n")));
        }
        return text;
    }

    /// <summary>Nothing is written from now on. The file's name relative to the run's folder; null when there is none.</summary>
    public string? Close()
    {
        lock (_gate)
        {
            _closed = true;
            _file?.Dispose();
            return _file is null ? null : new AttemptFiles(attempt).LogRef;
        }
    }

    public void Dispose() => Close();

    private AttemptLog? Open()
    {
        if (_file is not null) return _file;
        var path = new AttemptFiles(attempt).Log;
        try
        {
            DurableFolder.MakeOnly(options.Disk, Path.GetDirectoryName(path)!);
            return _file = new(path, options.LogLimit, options.Disk.Modes.File, host);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            ExecutorLog.DelegateLogLost(host, e, path);
            return null;   // the work is worth more than its log
        }
    }

    private static string Word(LogLevel level) => level switch
    {
        LogLevel.Trace => "trace",
        LogLevel.Debug => "debug",
        LogLevel.Information => "info ",
        LogLevel.Warning => "warn ",
        _ => "error",
    };
}
