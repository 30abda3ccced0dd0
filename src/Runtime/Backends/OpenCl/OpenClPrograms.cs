using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using EdgeRuntime.Backends.Gpu;
using EdgeRuntime.Diagnostics;
using Silk.NET.OpenCL;

namespace EdgeRuntime.Backends.OpenCl;

/// <summary>
/// The programs of a device, shared by all its plans: each form of a kernel is compiled once, together with what else is asked for at that time. What the driver
/// compiled before is taken from a file; where it refuses a program, the kernels of it are tried one by one, since it does not say which it means.
/// </summary>
/// <param name="context">The device.</param>
/// <param name="file">Where compiled programs are kept; null for nowhere.</param>
/// <param name="quarantine">Takes the kernels that the driver refuses.</param>
/// <param name="keepsAll">False where to be asked for what it compiled costs a driver as much as compiling: then that is only done for what it does not keep itself.</param>
internal sealed class OpenClPrograms(OpenClContext context, OpenClProgramFile? file, GpuQuarantine quarantine, bool keepsAll) : IDisposable
{
    /// <summary>No driver builds a program from its text in this time that it did not keep from another start.</summary>
    private static readonly TimeSpan Quick = TimeSpan.FromMilliseconds(150);

    private readonly Dictionary<string, nint> programs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (nint Program, string Function)> forms = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Unsaved> unsaved = new(StringComparer.Ordinal);
    private readonly Lock making = new();
    private readonly OpenClCalls calls = context.Calls;

    /// <summary>Number of programs made.</summary>
    public int Count
    {
        get
        {
            lock (making) return programs.Count;
        }
    }

    /// <summary>Number of programs that were taken from the file.</summary>
    public int Loaded { get; private set; }

    /// <summary>Why the file is of no use; null where it is, or none was asked for.</summary>
    public string? Problem => file?.Problem;

    /// <summary>Where the kernels of dispatches are; those that are asked for first are built, all in one program.</summary>
    /// <exception cref="EdgeException">The driver refuses one.</exception>
    public (nint Program, string Function)[] Get(IEnumerable<GpuDispatch> dispatches)
    {
        lock (making)
        {
            (GpuDispatch Dispatch, string Form)[] asked = [.. dispatches.Select(d => (d, OpenClSource.FormOf(d)))];
            (GpuDispatch Dispatch, string Form)[] missing = [.. asked.DistinctBy(d => d.Form).Where(d => !forms.ContainsKey(d.Form) && !TakeKept(d.Dispatch, d.Form))];
            if (missing.Length > 0)
            {
                GpuDispatch[] first = Array.ConvertAll(missing, m => m.Dispatch);
                OpenClText text = OpenClSource.Write(first);
                nint program = Program(text, first, [.. missing.Zip(text.Calls).DistinctBy(m => m.Second.Function).Select(m => OpenClSource.DigestOf(m.First.Dispatch, m.First.Form))]);
                for (int i = 0; i < missing.Length; i++) forms[missing[i].Form] = (program, text.Calls[i].Function);
            }
            return Array.ConvertAll(asked, a => forms[a.Form]);
        }
    }

    /// <summary>Puts a kernel away that the driver built but cannot execute.</summary>
    public EdgeException Refuse(GpuDispatch dispatch, EdgeException error)
    {
        quarantine.Add(dispatch.Kernel.Name, error.Problem);
        return new EdgeException(error.Code, $"{dispatch.Kernel.Name}.{dispatch.Variant}: {error.Problem}", error.Remedy, error);
    }

    /// <summary>
    /// Keeps what was compiled since the last time. To be called when the kernels have run: drivers compile some of it only then, and to be asked for all
    /// of it takes them a while.
    /// </summary>
    public void Save()
    {
        lock (making)
        {
            if (file is null || unsaved.Count == 0) return;
            var compiled = new Dictionary<string, KeptProgram>(StringComparer.Ordinal);
            foreach ((string key, Unsaved program) in unsaved)
            {
                byte[] binary = program.IsAsked ? Binary(programs[key]) : [];
                if (!program.IsAsked || binary.Length > 0) compiled[key] = new KeptProgram(binary, program.Forms);
            }
            unsaved.Clear();
            if (compiled.Count > 0) file.Add(compiled);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (nint program in programs.Values) calls.ReleaseProgram(program);
        programs.Clear();
        forms.Clear();
    }

    /// <summary>Takes a form from a program that was compiled at another start, with whatever else; false where there is none.</summary>
    private bool TakeKept(GpuDispatch dispatch, string form)
    {
        if (file is null) return false;
        string digest = OpenClSource.DigestOf(dispatch, form);
        while (file.With(digest) is { } key)
        {
            KeptProgram kept = file.Find(key)!;
            if (!programs.TryGetValue(key, out nint program) && (program = Load(kept)) != 0)
            {
                Loaded++;
                programs[key] = program;
            }
            if (program == 0)
            {
                file.Forget(key);
                continue;
            }
            forms[form] = (program, OpenClSource.FunctionOf(dispatch, Array.IndexOf(kept.Forms, digest)));
            return true;
        }
        return false;
    }

    private nint Program(OpenClText text, GpuDispatch[] dispatches, string[] digests)
    {
        string key = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{text.Options}\n{text.Source}")));
        long start = Stopwatch.GetTimestamp();
        nint program = Build(text, out string problem);
        bool isQuick = Stopwatch.GetElapsedTime(start) < Quick;
        // A driver that refuses none of the kernels alone is asked again.
        if (program == 0 && !FindRefused(dispatches)) program = Build(text, out problem);
        if (program == 0) throw OpenClErrors.Refused($"{calls.Name}: clBuildProgram failed", problem);
        // A driver that compiles a program a second time does not keep it.
        if (file is not null && (keepsAll || !isQuick)) unsaved[key] = new Unsaved(digests, IsAsked: keepsAll || file.Find(key) is not null);
        return programs[key] = program;
    }

    /// <summary>What a driver compiled; nothing where it does not say.</summary>
    private byte[] Binary(nint program)
    {
        var turn = new OpenClTurn(context);
        if (!turn.TryTake(context.Patience)) return [];
        byte[] binary = calls.Binary(program, OpenClProgramFile.MostBytes);
        turn.Give();
        return binary;
    }

    /// <summary>Makes a program of what was kept; 0 where the driver does not take it.</summary>
    private nint Load(KeptProgram kept)
    {
        if (calls.CreateProgram(kept.Binary) is not (var program and not 0)) return 0;
        if (calls.Build(program, OpenClSource.Options, out _) == ErrorCodes.Success) return program;
        calls.ReleaseProgram(program);
        return 0;
    }

    /// <summary>Builds a text; 0 where the driver refuses it, with what it has to say.</summary>
    private nint Build(OpenClText text, out string log)
    {
        nint program = calls.CreateProgram(text.Source);
        ErrorCodes result = calls.Build(program, text.Options, out log);
        if (result == ErrorCodes.Success) return program;
        calls.ReleaseProgram(program);
        // What is no refusal is told as it is.
        EdgeException error = OpenClErrors.Error(result, "clBuildProgram", calls.Name);
        if (error.Code != ErrorCode.PipelineRefused) throw error;
        log = $"{result}: {log}";
        return 0;
    }

    /// <summary>Puts away the kernels that are refused alone too; false where there is none.</summary>
    private bool FindRefused(GpuDispatch[] dispatches)
    {
        bool found = false;
        foreach (GpuDispatch dispatch in dispatches)
        {
            nint program = Build(OpenClSource.Write([dispatch]), out string problem);
            calls.ReleaseProgram(program);
            if (program != 0) continue;
            quarantine.Add(dispatch.Kernel.Name, OpenClErrors.Refused($"{calls.Name}: clBuildProgram failed", problem).Problem);
            found = true;
        }
        return found;
    }

    /// <summary>A program that was compiled at this start.</summary>
    /// <param name="Forms">Digests of its forms.</param>
    /// <param name="IsAsked">Whether the driver is to be asked for it; else it is only noted that it was compiled.</param>
    private sealed record Unsaved(string[] Forms, bool IsAsked);
}
