using EdgeRuntime.Backends.Gpu;
using EdgeRuntime.Diagnostics;
using Silk.NET.OpenCL;

namespace EdgeRuntime.Backends.OpenCl;

/// <summary>A device in use: its functions, its limits and what it can do.</summary>
internal sealed class OpenClContext : IDisposable
{
    /// <summary>Opens a device.</summary>
    /// <exception cref="EdgeException">There is none of that name, or it cannot do what is asked of it.</exception>
    public OpenClContext(OpenClOptions options)
    {
        if (OpenClLoader.Missing() is { } missing) throw new EdgeException(ErrorCode.DeviceTrouble, $"There is {missing}.", "`edgert devices` says what is there.");
        Ledger = options.Ledger ?? new OpenClLedger();
        Patience = options.Timeout;
        CL cl = CL.GetApi();
        try
        {
            IReadOnlyList<(nint Device, OpenClDevice Description)> devices = OpenClDevices.Find(cl, out _);
            (nint device, Description) = devices[GpuDeviceChoice.Choose("OpenCL", [.. devices.Select(d => (d.Description.Name, d.Description.Type))], options.Device)];
            Traits = OpenClTraits.Read(cl, device, Description, options.Precision);
            if (options.Staging) Traits = Traits with { UnifiedMemory = false };
            Calls = new OpenClCalls(cl, device, Ledger, Description.Name);
            Calls.Open();
        }
        catch (EntryPointNotFoundException e)
        {
            throw new EdgeException(ErrorCode.DeviceTrouble, $"The OpenCL loader is too old: {e.Message}.", "Install a newer one.", e);
        }
    }

    /// <summary>Counts objects.</summary>
    public OpenClLedger Ledger { get; }

    /// <summary>A device that takes longer is taken for dead.</summary>
    public TimeSpan Patience { get; }

    /// <summary>How long to wait until a device that was given up is done with the memory it uses: what was taken for dead may only be slow.</summary>
    public TimeSpan Grace => TimeSpan.FromTicks(Math.Max(Patience.Ticks, TimeSpan.TicksPerSecond * 10));

    /// <summary>The device as it is listed.</summary>
    public OpenClDevice Description { get; }

    /// <summary>The device as lowering sees it.</summary>
    public GpuTraits Traits { get; }

    /// <summary>The device's functions.</summary>
    public OpenClCalls Calls { get; }

    /// <summary>Device and driver in one line, by which files of what was compiled or measured are known.</summary>
    public string Identity => string.Join(' ', $"{Description.Platform}; {Description.Name}; {Description.ApiVersion}; {Description.DriverVersion}".Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    /// <summary>Closes the device; everything made of it must be gone. One that hangs is left open.</summary>
    public void Dispose() => Calls.Dispose();
}
