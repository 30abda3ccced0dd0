using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using EdgeRuntime.Planning;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu;

/// <summary>By what a choice of a kernel is known: a digest of the operator and of what its operands are. Steps that are equal but for their elements share it, whatever model they are from.</summary>
internal static class KernelSignature
{
    /// <summary>The signature of a step: 64 hexadecimal digits; null for one with bodies, whose kernels are plans.</summary>
    public static string? Of(ExecutionPlan plan, PlanStep step)
    {
        if (step.Operator.Bodies.Count > 0) return null;
        var text = new StringBuilder(step.Operator.ToString());
        foreach (int slot in step.Inputs.Concat(step.Outputs))
        {
            if (slot < 0)
            {
                text.Append("\n_");
                continue;
            }
            PlanSlot operand = plan.Slots[slot];
            TensorType type = operand.Type;
            // Which operands are one matters to caches, and where they lie does not.
            text.Append(CultureInfo.InvariantCulture, $"\n{type.DataType} {type.Shape} {(operand.Kind == SlotKind.Constant ? "constant" : "")}{step.Inputs.ToList().IndexOf(slot)}");
            if (type.Quantization is { } quantization) text.Append(CultureInfo.InvariantCulture, $" {quantization.Scales.Length} {quantization.ZeroPoints.Length} {quantization.Axis}");
        }
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }
}
