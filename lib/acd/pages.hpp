// Large arrays that are read here and there ask for large pages: with a million contacts, what a life-cycle costs is mostly
// the look-up of small ones.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <new>

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace hotline::acd {

template <class T>
struct LargePages {
  using value_type = T;
  static constexpr std::size_t kPage = 2u << 20;

  LargePages() = default;
  template <class U>
  LargePages(const LargePages<U>&) {}

  T* allocate(std::size_t count) {
    const std::size_t bytes = count * sizeof(T);
    if (bytes < 2 * kPage) return static_cast<T*>(::operator new(bytes));
    void* at = std::aligned_alloc(kPage, (bytes + kPage - 1) / kPage * kPage);
    if (at == nullptr) throw std::bad_alloc();
#ifdef MADV_HUGEPAGE
    (void)::madvise(at, bytes, MADV_HUGEPAGE);  // where there are none, small ones do
#endif
    return static_cast<T*>(at);
  }
  void deallocate(T* at, std::size_t count) {
    if (count * sizeof(T) < 2 * kPage) ::operator delete(at);
    else std::free(at);
  }
  template <class U>
  bool operator==(const LargePages<U>&) const {
    return true;
  }
};

}  // namespace hotline::acd
