namespace Silk.NET.Core;

/// <summary>C's idea of a truth value, in 32 bits.</summary>
internal readonly struct Bool32(uint value)
{
    public readonly uint Value = value;

    public static implicit operator bool(Bool32 value) => value.Value != 0;

    public static implicit operator Bool32(bool value) => new(value ? 1u : 0u);
}

/// <summary>A version in 32 bits, as Vulkan packs it.</summary>
internal readonly struct Version32(uint major, uint minor, uint patch)
{
    public readonly uint Value = major << 22 | minor << 12 | patch;

    public uint Major => Value >> 22 & 0x7F;

    public uint Minor => Value >> 12 & 0x3FF;

    public uint Patch => Value & 0xFFF;

    public static implicit operator uint(Version32 version) => version.Value;

    public static explicit operator Version32(uint value) => new(value >> 22, value >> 12 & 0x3FF, value & 0xFFF);
}

/// <summary>A function of which only the address is known.</summary>
internal readonly unsafe struct PfnVoidFunction
{
    public readonly void* Handle;

    public static implicit operator nint(PfnVoidFunction function) => (nint)function.Handle;
}
