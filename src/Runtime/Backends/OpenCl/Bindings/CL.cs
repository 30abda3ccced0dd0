using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Silk.NET.OpenCL;

/// <summary>The functions of the OpenCL loader, each looked up when it is first called. Source-compatible with Silk.NET.OpenCL's class of this name.</summary>
internal sealed unsafe partial class CL : IDisposable
{
    private readonly nint library;

    private CL(nint library) => this.library = library;

    public static CL GetApi()
    {
        foreach (string name in EdgeRuntime.Backends.OpenCl.OpenClLoader.Names)
            if (NativeLibrary.TryLoad(name, out nint library)) return new CL(library);
        throw new FileNotFoundException("No OpenCL loader on this machine.");
    }

    // The loader stays: drivers do not survive being loaded twice.
    [SuppressMessage("Performance", "CA1822", Justification = "Silk.NET has it as an instance method.")]
    public void Dispose()
    {
    }

    private static nint Pointer<T>(T? callback) where T : Delegate => callback is null ? 0 : Marshal.GetFunctionPointerForDelegate(callback);

    private void* Entry(ref void* pointer, string name) => pointer != null ? pointer : pointer = (void*)NativeLibrary.GetExport(library, name);
}

/// <summary>Told by a context what went wrong.</summary>
internal unsafe delegate void NotifyCallback(byte* errinfo, void* private_info, nuint cb, void* user_data);

/// <summary>Told that a program is built.</summary>
internal unsafe delegate void ObjectNotifyCallback(nint @object, void* user_data);

/// <summary>Told that an event happened.</summary>
internal unsafe delegate void EventNotifyCallback(nint @event, int event_command_exec_status, void* user_data);

/// <summary>A part of a buffer, for sub-buffers.</summary>
internal struct BufferRegion
{
    public nuint Origin;
    public nuint Size;
}
