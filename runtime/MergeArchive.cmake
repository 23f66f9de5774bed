# cmake -DAR=ar -DARCHIVE=a.a -DADD=b.a -P MergeArchive.cmake
# Adds the members of one static library to another.
set(folder "${ARCHIVE}.members")
file(REMOVE_RECURSE "${folder}")
file(MAKE_DIRECTORY "${folder}")
execute_process(COMMAND ${AR} x "${ADD}" WORKING_DIRECTORY "${folder}"
                RESULT_VARIABLE result)
file(GLOB members "${folder}/*.o")
if(result EQUAL 0)
  execute_process(COMMAND ${AR} qs "${ARCHIVE}" ${members}
                  RESULT_VARIABLE result)
endif()
file(REMOVE_RECURSE "${folder}")
if(NOT result EQUAL 0)
  message(FATAL_ERROR "could not add ${ADD} to ${ARCHIVE}")
endif()
