using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using EdgeRuntime.Planning;

namespace EdgeRuntime.Backends.Gpu;

/// <summary>
/// By what a choice among the ways to execute a step is known: a digest of all ways, with the sizes of their operands. Steps that are equal to
/// the device share it, whatever model they are from, and so do not need to be measured twice.
/// </summary>
internal static class GpuSignature
{
    /// <summary>The signature of a step: 64 hexadecimal digits.</summary>
    public static string Of(ExecutionPlan plan, GpuStep step, GpuLowering lowering)
    {
        var text = new StringBuilder($"{step.Traits.Precision}\n");
        foreach (GpuCandidate candidate in lowering.Candidates)
        {
            text.Append(candidate.Name).Append('\n');
            foreach (Dispatch dispatch in candidate.Dispatches)
            {
                text.Append(CultureInfo.InvariantCulture, $"{dispatch.Kernel} {dispatch.Groups} {dispatch.GroupSize}");
                foreach (KernelConstant constant in dispatch.Constants) text.Append(CultureInfo.InvariantCulture, $" {constant.Name}={constant.Value}");
                foreach (int parameter in dispatch.Parameters) text.Append(CultureInfo.InvariantCulture, $" {parameter}");
                // Slots have other numbers in other plans; where two operands are one slot, one is read from the cache.
                for (int i = 0; i < dispatch.Buffers.Length; i++)
                    text.Append(CultureInfo.InvariantCulture, $" {dispatch.Buffers[i].Kind}:{GpuProgram.Bytes(plan, step, dispatch.Buffers[i], step.Traits)}:{Array.IndexOf(dispatch.Buffers, dispatch.Buffers[i])}");
                text.Append('\n');
            }
        }
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }
}
