using System.Collections.Immutable;
using System.Globalization;
using Orchestrator.Core.Definitions;
using Orchestrator.Engine.Files;

namespace Orchestrator.Engine.Executors.Process;

/// <summary>A program, its arguments (its own name first) and where it starts. A script's file is ours to remove.</summary>
internal sealed record ProcessLaunch(string Program, string[] Argv, string Directory, string? ScriptFile = null)
{
    /// <summary>The name shown to people and on the span: the program's file name, for a script its task's.</summary>
    public string Executable => Path.GetFileName(ScriptFile ?? Program);
}

/// <summary>Turns what a task asks for into a program to start.</summary>
internal sealed class ProcessLaunches(IReadOnlyDictionary<string, string> worker, Disk disk)
{
    // Looked for once: these two belong to the machine, not to a task.
    private readonly Lazy<string?> _bash = new(() => ProgramSearch.Find("bash", worker.GetValueOrDefault("PATH"), "/"));
    private readonly Lazy<string?> _sh = new(() => ProgramSearch.Find("sh", worker.GetValueOrDefault("PATH"), "/"));
    private readonly KnownPrograms _programs = new();

    /// <summary>What interprets `run` tasks that name nothing; empty where there is neither.</summary>
    public ImmutableArray<string> DefaultShell => _bash.Value is not null ? Shells.Bash : _sh.Value is not null ? Shells.Sh : [];

    /// <exception cref="SpawnRefusedException">There is no such program, folder or interpreter.</exception>
    public ProcessLaunch Plan(TaskAttempt attempt, string? path)
    {
        var invocation = attempt.Invocation;
        var directory = invocation.WorkingDir is { Length: > 0 } own ? Path.GetFullPath(own, attempt.BaseDirectory) : attempt.BaseDirectory;
        return attempt.Task.Action switch
        {
            RunAction run => Shell(run, invocation.Command ?? throw Missing("command"), path, directory),
            ExecAction => Exec(invocation.Argv.IsDefaultOrEmpty ? throw Missing("program") : [.. invocation.Argv], path, directory),
            ScriptAction => Script(attempt, invocation.Script ?? throw Missing("script"), directory),
            var other => throw new InvalidOperationException($"A task of kind '{other.Kind}' is not a process."),
        };
    }

    private ProcessLaunch Shell(RunAction run, string text, string? path, string directory)
    {
        var shell = run.Shell.IsDefaultOrEmpty ? DefaultShell : run.Shell;
        if (shell.IsEmpty) throw new SpawnRefusedException("There is neither 'bash' nor 'sh' in the worker's PATH: install a shell, or use `exec`.");
        var program = Interpreter(shell, path, directory) ?? throw Missing(shell, path);
        return new(program, [.. shell, text], directory);
    }

    private string? Interpreter(ImmutableArray<string> shell, string? path, string directory) =>
        (shell.AsSpan().SequenceEqual(Shells.Sh.AsSpan()) ? _sh.Value : shell.AsSpan().SequenceEqual(Shells.Bash.AsSpan()) ? _bash.Value : null)
            ?? _programs.Find(shell[0], path, directory);

    private ProcessLaunch Exec(string[] argv, string? path, string directory)
    {
        if (argv[0].Length == 0) throw new SpawnRefusedException("The program's name is empty: the first element of `exec` must name one.");
        return _programs.Find(argv[0], path, directory) is { } program ? new(program, argv, directory)
            : throw new SpawnRefusedException($"There is no program '{argv[0]}' in the PATH of this task ({path ?? "not set"}): install it, correct the name, or set PATH in `env`.");
    }

    private ProcessLaunch Script(TaskAttempt attempt, string text, string directory)
    {
        if (ProgramSearch.InterpreterOf(text) is not { Length: > 0 } interpreter)
            throw new SpawnRefusedException("The script's first line must name its interpreter, for example '#!/bin/sh' or '#!/usr/bin/env python3'.");
        if (interpreter[0] == '/' && !File.Exists(interpreter))
            throw new SpawnRefusedException($"The script's interpreter '{interpreter}' does not exist: install it or correct the script's first line.");
        var file = Path.Combine(attempt.RunDirectory, "scripts", string.Create(CultureInfo.InvariantCulture, $"{attempt.Task.Id}.{attempt.Attempt}"));
        ScriptFile.Write(disk, file, text);
        return new(file, [file], directory, file);
    }

    private static SpawnRefusedException Missing(ImmutableArray<string> shell, string? path) => new(
        $"There is no program '{shell[0]}' for `shell` in the PATH of this task ({path ?? "not set"}): "
            + (shell[0] == "bash" ? "install it, or write `shell: sh`." : "install it, correct `shell`, or set PATH in `env`."));

    private static SpawnRefusedException Missing(string what) => new($"The task has no {what} to start.");
}
