using System.Runtime.InteropServices;

namespace EdgeRuntime.Backends.Vulkan;

/// <summary>Names as C wants them: an array of pointers to texts.</summary>
internal sealed unsafe class NativeNames : IDisposable
{
    private readonly nint[] texts;

    public NativeNames(IReadOnlyList<string> names)
    {
        texts = [.. names.Select(Marshal.StringToCoTaskMemUTF8)];
        Pointer = (byte**)NativeMemory.Alloc((nuint)Math.Max(texts.Length, 1), (nuint)sizeof(nint));
        for (int i = 0; i < texts.Length; i++) Pointer[i] = (byte*)texts[i];
    }

    /// <summary>Their number.</summary>
    public uint Count => (uint)texts.Length;

    /// <summary>The array.</summary>
    public byte** Pointer { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (nint text in texts) Marshal.FreeCoTaskMem(text);
        NativeMemory.Free(Pointer);
    }
}
